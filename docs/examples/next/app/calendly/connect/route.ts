import { reconnect } from '../../../lib/reconnect.ts';
import { redirect } from '../../../lib/redirect.ts';
import { sessionOf } from '../../../lib/sign-in.ts';

/** The button. Connect and reconnect are the same call. It sends a person to Calendly only if that is needed. */
export async function POST(request: Request): Promise<Response> {
  const session = sessionOf(request);
  if (session === undefined) return new Response('Please sign in.', { status: 401 });
  const { authorizeUrl } = await reconnect().connect({
    tenantId: session.tenantId,
    returnTo: `${process.env['HOST_URL']}/calendly/return`,
    completion: 'host',
  });
  session.asked = authorizeUrl !== null;
  return redirect(authorizeUrl ?? '/settings');
}
