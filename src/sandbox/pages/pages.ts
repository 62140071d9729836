import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { sendPage } from './send-page.ts';

/** The pages that people open. */
export function addPages(server: FastifyInstance, context: SandboxContext): void {
  server.get('/', async (_request, reply) => sendPage(reply, startPage(context)));
}

function startPage(context: SandboxContext) {
  return layout('Accounts', html`<h1>A Calendly to try things on</h1>
<p>Nothing here reaches the real Calendly.</p>
<h2>Book a meeting with</h2>
${context.state.accounts.map(
  (account) => html`<p><a href="/book/${account.slug}">${account.name}</a> <span class="quiet">${account.email}</span></p>`,
)}`);
}
