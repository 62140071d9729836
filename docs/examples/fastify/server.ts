import fastify, { type FastifyRequest } from 'fastify';
import { calendlyReconnect, loadConfig } from 'calendly-reconnect';
import { createClient, ReconnectError } from 'calendly-reconnect/client';
import { EventRefused, verifyEvent } from 'calendly-reconnect/events';
import { meetingsOf, takeEvent } from './meetings.ts';
import { sessionOf, signIn, signInPage, type Session } from './sign-in.ts';

// The service needs its own settings here: DATABASE_URL, PUBLIC_URL with the prefix (http://127.0.0.1:4000/reconnect), EVENTS_URL that leads to
// this program (http://127.0.0.1:4000/calendly/events), API_KEYS, and the client at Calendly. RECONNECT_API_KEY is one of API_KEYS.
const { PUBLIC_URL = '', RECONNECT_API_KEY = '', EVENTS_SECRET = '', HOST_URL = '', PORT } = process.env;
const app = fastify({ routerOptions: { maxParamLength: 512 } });
await app.register(calendlyReconnect, {
  prefix: '/reconnect',
  config: loadConfig(process.env, { dataDir: '.data' }),
});
const reconnect = createClient({ url: PUBLIC_URL, apiKey: RECONNECT_API_KEY });

// The events of the service. The body stays as it came, because the signature covers the raw bytes.
await app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.post('/calendly/events', async ({ body, headers }, reply) => {
    try {
      takeEvent(verifyEvent(body as Buffer, headers, EVENTS_SECRET.split(',')));
      return reply.code(204).send();
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      return reply.code(400).send();
    }
  });
});

app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, Object.fromEntries(new URLSearchParams(String(body)))),
);
app.get('/sign-in', (_request, reply) => reply.type('text/html').send(signInPage));
app.post<{ Body: { tenant: string } }>('/sign-in', ({ body }, reply) =>
  reply.header('set-cookie', signIn(body.tenant)).redirect('/settings', 303),
);

/** The session of a person who is signed in; 401 otherwise. */
function session({ headers }: FastifyRequest): Session {
  const found = sessionOf(headers.cookie);
  if (found === undefined) throw Object.assign(new Error('Please sign in.'), { statusCode: 401 });
  return found;
}

app.get('/settings', async (request, reply) => {
  const { tenantId } = session(request);
  const connection = await reconnect.getConnection({ tenantId }).catch((error: unknown) => {
    if (error instanceof ReconnectError && error.code === 'tenant_unknown') return null; // never connected
    throw error;
  });
  const account = connection?.account?.email;
  return reply.type('text/html; charset=utf-8').send(`<!doctype html><title>Settings</title>
<p>Calendly: ${account ? `${escape(account)}, ${connection.state}` : 'not connected'}</p>
<form method="post" action="/calendly/connect"><button>${account ? 'Reconnect' : 'Connect'} Calendly</button></form>
<ul>${meetingsOf(tenantId)
    .map(({ name, startTime }) => `<li>${escape(`${name}, ${startTime}`)}</li>`)
    .join('')}</ul>`);
});

// The button. Connect and reconnect are the same call. It sends a person to Calendly only if that is needed.
app.post('/calendly/connect', async (request, reply) => {
  const asking = session(request);
  const { authorizeUrl } = await reconnect.connect({
    tenantId: asking.tenantId,
    returnTo: `${HOST_URL}/calendly/return`,
    completion: 'host',
  });
  asking.asked = authorizeUrl !== null;
  return reply.redirect(authorizeUrl ?? '/settings', 303);
});

// The browser comes back here. Anybody can be sent a link with a ticket, so it counts only in the session that asked.
app.get<{ Querystring: { calendly?: string; ticket?: string } }>('/calendly/return', async (request, reply) => {
  const asking = session(request);
  const { calendly, ticket } = request.query;
  if (calendly === 'confirm' && ticket !== undefined && asking.asked) {
    asking.asked = false;
    await reconnect.completeConsent({ tenantId: asking.tenantId, ticket });
  }
  return reply.redirect('/settings', 303);
});

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
console.log(`Open ${HOST_URL}/sign-in`);
// Requests first, then the service inside, which stores every answer that it has in hand.
process.once('SIGTERM', () => void app.close());
