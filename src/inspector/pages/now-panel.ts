import { html, type Html } from '../../html/html.ts';
import { openTransitions } from '../chart/open-transitions.ts';
import type { Chart, ChartTransition } from '../chart/read-chart.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { moment, remaining } from '../../html/times.ts';
import { boundedCount } from './bounded-count.ts';
import type { PageContext } from './page-context.ts';
import { dotted } from './state-badge.ts';
import { tenantLink } from './tenant-link.ts';

/** Where a job stands, in words. */
const JOBS: Record<string, string> = {
  created: 'waits for a worker',
  active: 'a worker has it',
  retry: 'failed before, waits to be tried again',
};

/** What is under way: open effects, timers and debts. */
export const underWay = (context: PageContext, tenant: Tenant): Html =>
  html`${waiting(context, tenant)}${owed(context, tenant)}`;

/** Shows what the tenant has now, and which events the machine accepts. */
export function nowPanel(context: PageContext, tenant: Tenant, chart: Chart): Html {
  return html`${holdings(context, tenant)}${accepts(context, tenant, chart)}`;
}

function holdings(
  { now }: PageContext,
  { view: { account, pendingAccount, subscription, token, delivery }, snapshot: { context }, meetings }: Tenant,
): Html {
  const expired = token !== null && Date.parse(token.expiresAt) < now.getTime();
  return html`<section><h2>Stored</h2><dl class="facts">
<dt>Account</dt><dd>${account === null ? html`<span class="quiet">none</span>` : html`${account.email ?? account.name ?? ''} <span class="uri">${account.uri}</span>`}</dd>
${pendingAccount !== null && html`<dt>Waits for yes</dt><dd>${pendingAccount.email ?? ''} <span class="uri">${pendingAccount.uri}</span></dd>`}
<dt>Token</dt><dd>${token === null ? html`<span class="quiet">none</span>` : html`${expired ? html`<span class="problem">expired</span>` : 'good'} until ${moment(token.expiresAt)}${context.grant?.lost === true && html` <span class="problem">grant lost</span>`}`}</dd>
<dt>Webhook</dt><dd>${
    subscription === null
      ? html`<span class="quiet">none</span>`
      : html`${subscription.state ?? 'state not known'}, ${subscription.scope} <span class="uri">${subscription.uri ?? 'not created yet'}</span>
${subscription.retryStartedAt !== null && html`<span class="problem">Calendly retries since ${moment(subscription.retryStartedAt)}</span>`}`
  }</dd>
<dt>Last delivery</dt><dd>${moment(subscription?.lastDeliveryAt ?? null)}</dd>
<dt>Delivery by</dt><dd>${delivery ?? html`<span class="quiet">–</span>`}</dd>
<dt>Meetings</dt><dd>${boundedCount(meetings.total)}${meetings.recovered > 0 && html` <span class="quiet">${meetings.recovered} of them fetched, not delivered</span>`}</dd>
<dt>Back-fill</dt><dd>${context.backfill.state}${context.backfill.run > 0 && html` <span class="quiet">run ${context.backfill.run}${context.backfill.failures > 0 && html`, ${context.backfill.failures} failures`}</span>`}</dd>
${settingsOf(context)}${context.failures > 0 && html`<dt>Failed passes</dt><dd>${context.failures} in a row</dd>`}</dl></section>`;
}

/** What was set for this tenant alone; nothing where all is as the deployment has it. */
function settingsOf({ settings }: Tenant['snapshot']['context']): Html | false {
  const own = Object.entries(settings).filter(([, value]) => value !== null);
  return (
    own.length > 0 &&
    html`<dt>Its own settings</dt><dd><ul class="plain">${own.map(([name, value]) => html`<li>${name}: ${[value].flat().join(', ')}</li>`)}</ul></dd>`
  );
}

function waiting({ now }: PageContext, { timers, effects }: Tenant): Html {
  return html`<section><h2>Under way</h2>${
    timers.length + effects.length === 0
      ? html`<p class="quiet">Nothing is under way, and nothing is planned.</p>`
      : html`<ul class="plain">
${effects.map(
  ({
    type,
    runs,
    createdAt,
    job,
  }) => html`<li><b>${type}</b> <span class="waiting">work</span> asked for ${moment(createdAt)}
<span class="quiet">${runs === 0 ? 'not begun' : `run ${runs}`}, ${job === null ? 'its job is gone: it gets a new one' : `${JOBS[job.state] ?? job.state}${job.retryCount > 0 ? `, retry ${job.retryCount}` : ''}`}</span></li>`,
)}
${timers.map(
  ({
    name,
    dueAt,
    event,
    job,
  }) => html`<li><b>${event.type}</b> <span class="quiet">timer ${name}</span> ${remaining(dueAt, now)},
${moment(dueAt)} <span class="quiet">${job === null || job === 'created' ? '' : JOBS[job]}</span></li>`,
)}</ul>`
  }</section>`;
}

function owed(context: PageContext, { debts, view: { tenantId } }: Tenant): Html {
  return html`<section><h2>Owed at Calendly</h2>${
    debts.length === 0
      ? html`<p class="quiet">Nothing.</p>`
      : html`<ul class="plain">${debts.map(
          (debt) => html`<li>
<b>${debt.kind === 'subscription' ? 'delete a webhook' : 'revoke a grant'}</b> ${debt.status}, ${debt.attempts === 1 ? '1 try' : `${debt.attempts} tries`}, since ${moment(debt.createdAt)}
<span class="uri">${debt.remoteId}</span>${
            debt.problem !== null &&
            html`<span class="problem">${debt.problem.code}</span> ${debt.problem.message}
${debt.problem.exchangeId !== null && html`<a href="${tenantLink(context, tenantId, `exchanges?id=${debt.problem.exchangeId}`)}">exchange</a>`}`
          }</li>`,
        )}</ul>`
  }</section>`;
}

/** The events that the machine may accept now, commands first. Guards are not asked, because they depend on the event (see "What if"). */
function accepts(context: PageContext, { view: { tenantId, state, substate }, accepted }: Tenant, chart: Chart): Html {
  const open = openTransitions(chart, dotted(state, substate)).filter(({ event }) => event !== 'always');
  const events = [...new Set(open.map(({ event }) => event))];
  const item = (
    event: string,
  ) => html`<li><a data-ask href="${tenantLink(context, tenantId, `what-if?event=${encodeURIComponent(event)}`)}">${event}</a>
${!event.includes('.') && !accepted.includes(event) && html`<span class="quiet">not now</span>`} <span class="quiet">${targets(open.filter((each) => each.event === event))}</span></li>`;
  const [commands, others] = [
    events.filter((event) => !event.includes('.')),
    events.filter((event) => event.includes('.')),
  ];
  const moving = others.filter((event) => open.some((each) => each.event === event && each.target !== null));
  const staying = others.filter((event) => !moving.includes(event));
  return html`<section><h2>Would be accepted now</h2><ul class="plain">${commands.map(item)}${moving.map(item)}</ul>
<details class="raw"><summary>${staying.length} more that leave it where it is</summary><ul class="plain">${staying.map(item)}</ul></details></section>`;
}

/** Only the last part of the state's name; the chart shows the rest. */
function targets(ways: ChartTransition[]): string {
  const names = [...new Set(ways.map(({ target }) => target?.split('.').at(-1) ?? null))].filter(
    (name) => name !== null,
  );
  return names.length === 0 ? '' : `→ ${names.join(', ')}`;
}
