import { html, type Html } from '../../html/html.ts';
import type { BackfillRun, Health } from '../../connection/reads/read-health.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { code } from './exchange-view.ts';
import { moment, remaining } from '../../html/times.ts';
import { boundedCount } from './bounded-count.ts';
import type { PageContext } from './page-context.ts';
import { tenantLink } from './tenant-link.ts';

const REASONS: Record<string, string> = {
  first: 'the first one of the account',
  resubscribed: 'after a new webhook',
  gap: 'after a gap',
  poll: 'a poll',
};

/** Shows whether the tenant's meetings arrive, how that is checked, and what was missed and found later. */
export function healthPanel(context: PageContext, tenant: Tenant, health: Health): Html {
  return html`${warned(health)}${hearing(context, tenant, health)}${backfills(context, tenant, health)}${told(context, tenant, health)}`;
}

function warned({ warnings }: Health): Html {
  return html`<section id="warnings"><h2>Warnings</h2>${
    warnings.length === 0
      ? html`<p class="quiet">There was none.</p>`
      : html`<ul class="plain">${warnings.map(
          ({
            id,
            code: name,
            message,
            details,
            at,
          }) => html`<li id="w-${id}"><b class="warned">${name}</b> ${moment(at)}
<div>${message}</div>${Object.keys(details).length > 0 && html`<details class="raw"><summary>Details</summary>${code(details)}</details>`}</li>`,
        )}</ul>`
  }</section>`;
}

/** What happens next so that nothing is missed: the timers in plain words. */
function hearing({ now }: PageContext, { view, timers, snapshot }: Tenant, { look, slowDeliveries }: Health): Html {
  const due = (name: string): Html => {
    const timer = timers.find((each) => each.name === name);
    return timer === undefined ? html`<span class="quiet">not planned</span>` : remaining(timer.dueAt, now);
  };
  const { delivery, subscription } = view;
  const { pollingMinutes, watchMinutes } = snapshot.context;
  const retrying = subscription?.retryStartedAt ?? null;
  return html`<section id="hearing"><h2>How meetings arrive</h2>${
    delivery === null
      ? html`<p class="quiet">Not at all: it is not connected.</p>`
      : delivery === 'polling'
        ? html`<p><b class="warned">Polling.</b> The Calendly plan has no webhooks: meetings are fetched every ${pollingMinutes} min or so.</p><dl class="facts">
<dt>Fetched next</dt><dd>${due('poll')}</dd><dt>Plan asked again</dt><dd>${due('plan')}</dd></dl>`
        : html`<p><b>Webhook.</b> Calendly is asked every ${watchMinutes} min or so whether it still stands.</p><dl class="facts">
<dt>Last look</dt><dd>${look.underWay ? html`<span class="waiting">under way</span> ` : ''}${look.answeredAt === null ? html`<span class="quiet">none yet</span>` : moment(look.answeredAt)}</dd>
<dt>Next look</dt><dd>${due('watch')}</dd>
${retrying !== null && html`<dt>Early warning</dt><dd><span class="problem">Calendly has been failing to deliver since ${moment(retrying)}</span>, and disables the webhook within a day of failures.</dd>`}
${slowDeliveries !== null && html`<dt>Answered slowly</dt><dd>${slowDeliveries.count} since ${moment(slowDeliveries.since)}</dd>`}</dl>`
  }</section>`;
}

function backfills({ now }: PageContext, { snapshot: { context }, timers }: Tenant, { runs }: Health): Html {
  const retry = timers.find(({ name }) => name === 'backfill');
  return html`<section id="backfills"><h2>Back-fill</h2>${
    runs.length === 0
      ? html`<p class="quiet">No meetings have been fetched yet.</p>`
      : html`<ul class="plain">${runs.map(
          (
            run,
          ) => html`<li id="b-${run.run}"><b>Run ${run.run}</b> ${REASONS[run.reason] ?? run.reason}: ${standing(run, run.run === context.backfill.run, now)}
<div class="quiet">${counted(run.events, 'event')}, ${counted(run.meetings, 'meeting')}${run.reason !== 'first' && run.reason !== 'poll' && html`, ${recovered(run.recovered)}`}</div>
<div class="quiet">begun ${moment(run.startedAt)}, meetings from ${moment(run.windowFrom)}${run.position !== null && run.finishedAt === null && html`, done up to ${moment(run.position)}`}</div></li>`,
        )}</ul>`
  }${
    context.backfill.failures > 0 &&
    html`<p><span class="problem">Failed ${context.backfill.failures === 1 ? 'once' : `${context.backfill.failures} times in a row`}</span>${
      retry !== undefined && html`, tried again ${remaining(retry.dueAt, now)}`
    }.</p>`
  }</section>`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const recovered = (count: number): Html =>
  count === 0
    ? html`nothing had been missed`
    : html`<b class="warned">${count} recovered ${count === 1 ? 'miss' : 'misses'}</b>`;

function standing({ finishedAt, pausedUntil, updatedAt }: BackfillRun, isLatest: boolean, now: Date): Html {
  if (finishedAt !== null) return html`finished ${moment(finishedAt)}`;
  if (!isLatest) return html`<span class="quiet">given up for a later one</span>`;
  if (pausedUntil !== null)
    return html`<span class="waiting">paused for more urgent calls, goes on ${remaining(pausedUntil, now)}</span>`;
  return html`<span class="waiting">under way, last step ${moment(updatedAt)}</span>`;
}

function told(
  context: PageContext,
  { view: { tenantId } }: Tenant,
  { outgoing: { waiting, parked }, halves }: Health,
): Html {
  const link = (status: string) => tenantLink(context, tenantId, `events?status=${status}`);
  return html`<section id="told"><h2>Events to the host</h2>${
    waiting + parked + halves.length === 0
      ? html`<p class="quiet">All have been sent, or none was needed.</p>`
      : html`<ul class="plain">
${parked > 0 && html`<li><a href="${link('parked')}" class="problem">${boundedCount(parked)} parked</a>: given up until someone sends them again</li>`}
${waiting > 0 && html`<li><a href="${link('waiting')}">${boundedCount(waiting)} waiting</a> to go out</li>`}
${halves.length > 0 && html`<li>${halves.length} held back for the other half of a reschedule</li>`}</ul>`
  }</section>`;
}
