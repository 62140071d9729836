import { ReconnectError } from 'calendly-reconnect/client';
import { meetingsOf, reconnect } from '../../lib/reconnect.ts';
import { sessionOf } from '../../lib/sign-in.ts';

/** A page of yours shows the same with React; what it needs is here. */
export async function GET(request: Request): Promise<Response> {
  const session = sessionOf(request);
  if (session === undefined) return new Response('Please sign in.', { status: 401 });
  const { tenantId } = session;
  const connection = await reconnect()
    .getConnection({ tenantId })
    .catch((error: unknown) => {
      if (error instanceof ReconnectError && error.code === 'tenant_unknown') return null; // never connected
      throw error;
    });
  const account = connection?.account?.email;
  const meetings = connection === null ? [] : await meetingsOf(tenantId);
  const page = `<!doctype html><title>Settings</title>
<p>Calendly: ${account ? `${escape(account)}, ${connection.state}` : 'not connected'}</p>
<form method="post" action="/calendly/connect"><button>${account ? 'Reconnect' : 'Connect'} Calendly</button></form>
<ul>${meetings.map(({ name, startTime }) => `<li>${escape(`${name}, ${startTime}`)}</li>`).join('')}</ul>`;
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
