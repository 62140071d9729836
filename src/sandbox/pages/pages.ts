import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { addBookingPage } from './booking-page.ts';
import { addCancellationPage } from './cancellation-page.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { messagePage } from './message-page.ts';
import { addReschedulingPage } from './rescheduling-page.ts';
import { sendPage } from './send-page.ts';

/** The pages that people open: what calendly.com is to an invitee. */
export function addPages(server: FastifyInstance, context: SandboxContext): void {
  server.get('/', async (_request, reply) => sendPage(reply, startPage(context)));
  server.get('/events/:uuid/google_meet', async (_request, reply) =>
    sendPage(reply, messagePage('The meeting room', 'At the real Calendly this link leads to the video conference.')),
  );
  addBookingPage(server, context);
  addCancellationPage(server, context);
  addReschedulingPage(server, context);
}

function startPage(context: SandboxContext) {
  const hosts = context.state.accounts.map(
    (account) =>
      html`<p><a href="/book/${account.slug}">${account.name}</a> <span class="quiet">${account.email}</span></p>`,
  );
  const body = html`<h1>A Calendly to try things on</h1>
<p>It behaves like the real one and never talks to it.</p>
<h2>Book a meeting with</h2>${hosts}
<h2>For programs</h2>
<p class="quiet">OAuth under <code>/oauth</code>, the API beside it, controls under <code>/sandbox</code>.</p>`;
  return layout('Accounts', body);
}
