import { reconnect } from '../../../lib/reconnect.ts';
import { redirect } from '../../../lib/redirect.ts';
import { sessionOf } from '../../../lib/sign-in.ts';

/** The browser comes back here. Anybody can be sent a link with a ticket, so it counts only in the session that asked. */
export async function GET(request: Request): Promise<Response> {
  const session = sessionOf(request);
  if (session === undefined) return new Response('Please sign in.', { status: 401 });
  const { searchParams } = new URL(request.url);
  const ticket = searchParams.get('ticket');
  if (searchParams.get('calendly') === 'confirm' && ticket !== null && session.asked) {
    session.asked = false;
    await reconnect().completeConsent({ tenantId: session.tenantId, ticket });
  }
  return redirect('/settings');
}
