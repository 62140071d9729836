import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { ControlError } from '../controls/control-error.ts';
import type { AccountChange, Controls } from '../controls/controls.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { html, type Html } from '../pages/html.ts';
import { layout } from '../pages/layout.ts';
import { messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/send-page.ts';
import type { Switches } from '../switches.ts';
import { faultOf } from './fault-choices.ts';
import {
  accountsSection,
  clockSection,
  deliveriesSection,
  faultsSection,
  steps,
  switchesSection,
} from './panel-sections.ts';
import { switchesOf } from './switch-fields.ts';

/** What was done, shown on the next page. It is named by a key, so that no text of an address gets onto the page. */
const done: Readonly<Record<string, string>> = {
  accounts: 'The account was changed.',
  logins: 'All tokens of the account have ended.',
  time: 'The clock went forward.',
  faults: 'The faults were changed.',
  deliveries: 'Done.',
  switches: 'The switches were saved.',
};

type Work = (fields: Record<string, string>, params: Record<string, string>) => void | Promise<void>;

/** The sandbox's own page with its forms: the controls for people who click. It works without a script. */
export function addPanel(server: FastifyInstance, context: SandboxContext, controls: Controls): void {
  server.get('/', async (request, reply) =>
    sendPage(reply, panelPage(controls, done[(request.query as { done?: string }).done ?? ''])),
  );

  const on = (path: string, section: string, work: Work, told = section) =>
    server.post(`/panel/${path}`, async (request, reply) => {
      refuseOtherOrigins(context, request);
      try {
        await work(parametersOf(request), request.params as Record<string, string>);
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return sendPage(reply, messagePage('That cannot be', error.message), error.status);
      }
      return reply.redirect(`/?done=${told}#${section}`, 303);
    });

  on('accounts/:slug', 'accounts', (fields, { slug }) => void controls.accounts.update(slug!, accountChange(fields)));
  on('accounts/:slug/revoke-login', 'accounts', (_fields, { slug }) => controls.accounts.revokeLogin(slug!), 'logins');
  on('clock', 'time', ({ step }) => void controls.clock.advance(steps[step ?? '']?.seconds ?? Number.NaN));
  on('faults', 'faults', (fields) => {
    const fault = faultOf(fields);
    if (!fault) throw new ControlError(400, 'Choose a request, what happens to it, and how often.');
    controls.faults.add(fault);
  });
  on('faults/clear', 'faults', () => controls.faults.clear());
  on('faults/:id/remove', 'faults', (_fields, { id }) => void controls.faults.remove(id!));
  on('deliveries', 'deliveries', async (fields) => {
    if (fields['do'] === 'pause') controls.deliveries.pause();
    else if (fields['do'] === 'resume') await controls.deliveries.resume();
    else controls.deliveries.retryNow();
  });
  on('switches', 'switches', (fields) => void controls.switches.set(switchesOf(fields) as Partial<Switches>));
  on('switches/reset', 'switches', () => void controls.switches.reset());
}

function accountChange({ plan, role }: Record<string, string>): AccountChange {
  const plans = ['free', 'trial', 'paid'] as const;
  const roles = ['owner', 'admin', 'user'] as const;
  const chosen = { plan: plans.find((each) => each === plan), role: roles.find((each) => each === role) };
  if (!chosen.plan || !chosen.role) throw new ControlError(400, 'Choose a plan and a role.');
  return { plan: chosen.plan, role: chosen.role };
}

/** The controls need no password, so forms of other sites are refused. */
function refuseOtherOrigins({ publicUrl }: SandboxContext, { headers }: FastifyRequest): void {
  const { origin } = headers;
  const isOurs =
    origin === undefined || origin === new URL(publicUrl).origin || origin.replace(/^https?:\/\//, '') === headers.host;
  if (!isOurs || headers['sec-fetch-site'] === 'cross-site')
    throw new ControlError(400, 'This form came from another site.');
}

function panelPage(controls: Controls, told: string | undefined): Html {
  return layout(
    'Control panel',
    html`<h1>A local Calendly for trials</h1>
<p>It behaves like the real Calendly and never calls it. For programs, OAuth is under <code>/oauth</code>, the API beside it, and all
controls under <code>/sandbox</code>.</p>
${told && html`<p role="status" class="told">${told}</p>`}
<nav aria-label="On this page"><a href="#accounts">Accounts</a> <a href="#time">Time</a> <a href="#faults">Faults</a>
<a href="#deliveries">Deliveries</a> <a href="#switches">Switches</a></nav>
${accountsSection(controls)}${clockSection(controls)}${faultsSection(controls)}${deliveriesSection(controls)}${switchesSection(controls)}`,
  );
}
