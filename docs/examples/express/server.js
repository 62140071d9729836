import express from 'express';
import { createClient, ReconnectError } from 'calendly-reconnect/client';
import { EventRefused, verifyEvent } from 'calendly-reconnect/events';
import { meetingsOf, takeEvent } from './meetings.js';
import { sessionOf, signIn, signInPage } from './sign-in.js';

const { RECONNECT_URL, RECONNECT_API_KEY, EVENTS_SECRET, HOST_URL, PORT } = process.env;
const reconnect = createClient({ url: RECONNECT_URL, apiKey: RECONNECT_API_KEY });
const app = express();

// The events of the service. This route comes before any body parser, because the signature covers the raw bytes.
app.post('/calendly/events', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  try {
    takeEvent(verifyEvent(request.body, request.headers, EVENTS_SECRET.split(',')));
    response.sendStatus(204);
  } catch (error) {
    if (!(error instanceof EventRefused)) throw error;
    response.sendStatus(400);
  }
});

app.use(express.urlencoded({ extended: false, limit: '10kb' }));
app.get('/sign-in', (request, response) => response.send(signInPage));
app.post('/sign-in', (request, response) => {
  response.setHeader('set-cookie', signIn(request.body.tenant)).redirect(303, '/settings');
});

// Everything below is for a person who is signed in.
app.use((request, response, next) => {
  request.session = sessionOf(request.headers.cookie);
  if (request.session === undefined) response.status(401).send('Please <a href="/sign-in">sign in</a>.');
  else next();
});

app.get('/settings', async (request, response) => {
  const { tenantId } = request.session;
  const connection = await reconnect.getConnection({ tenantId }).catch((error) => {
    if (error instanceof ReconnectError && error.code === 'tenant_unknown') return null; // never connected
    throw error;
  });
  const account = connection?.account?.email;
  response.send(`<!doctype html><title>Settings</title>
<p>Calendly: ${account ? `${escape(account)}, ${connection.state}` : 'not connected'}</p>
<form method="post" action="/calendly/connect"><button>${account ? 'Reconnect' : 'Connect'} Calendly</button></form>
<ul>${meetingsOf(tenantId)
    .map(({ name, startTime }) => `<li>${escape(`${name}, ${startTime}`)}</li>`)
    .join('')}</ul>`);
});

// The button. Connect and reconnect are the same call. It sends a person to Calendly only if that is needed.
app.post('/calendly/connect', async (request, response) => {
  const { session } = request;
  const { authorizeUrl } = await reconnect.connect({
    tenantId: session.tenantId,
    returnTo: `${HOST_URL}/calendly/return`,
    completion: 'host',
  });
  session.asked = authorizeUrl !== null;
  response.redirect(303, authorizeUrl ?? '/settings');
});

// The browser comes back here. Anybody can be sent a link with a ticket, so it counts only in the session that asked.
app.get('/calendly/return', async (request, response) => {
  const { session, query } = request;
  if (query.calendly === 'confirm' && session.asked) {
    session.asked = false;
    await reconnect.completeConsent({ tenantId: session.tenantId, ticket: String(query.ticket) });
  }
  response.redirect(303, '/settings');
});

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

app.listen(Number(PORT), '127.0.0.1', () => console.log(`Open ${HOST_URL}/sign-in`));
