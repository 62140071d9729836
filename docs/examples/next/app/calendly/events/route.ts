import { EventRefused, verifyEvent } from 'calendly-reconnect/events';
import { forget } from '../../../lib/reconnect.ts';

/** The events of the service. The text stays as it came, because the signature covers it. */
export async function POST(request: Request): Promise<Response> {
  try {
    const secrets = (process.env['EVENTS_SECRET'] ?? '').split(',');
    forget(verifyEvent(await request.text(), request.headers, secrets).tenantId);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (!(error instanceof EventRefused)) throw error;
    return new Response(null, { status: 400 });
  }
}
