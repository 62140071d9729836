import { html, type Html } from '../../html/html.ts';
import { homeOf, type PageContext } from './page-context.ts';
import { diagnosisPanel } from './diagnosis-panel.ts';
import { OPERATOR_COMMANDS } from './operator-commands.ts';
import { elapsed, moment } from '../../html/times.ts';
import { dotted, stateBadge } from './state-badge.ts';
import { tenantLink } from './tenant-link.ts';
import { warningBadge } from './warning-badge.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';

const TABS = {
  '': 'Now and history',
  exchanges: 'Exchanges',
  deliveries: 'Deliveries',
  meetings: 'Meetings',
  events: 'Events to the host',
  compare: 'Stored against real',
} as const;
export type Tab = keyof typeof TABS;

/** For a page that can show the past: the moment that it shows; null: it shows the present. */
export interface Stepped {
  to: { at: string; state: string | null } | null;
}

/** What every page of a tenant begins with: why it gets no meetings, and what can be done. */
export function tenantFrame(context: PageContext, tenant: Tenant, tab: Tab, body: Html, stepped?: Stepped): Html {
  const { view, accepted, recentWarnings } = tenant;
  const { tenantId, state, substate, since } = view;
  const link = (rest = '') => tenantLink(context, tenantId, rest);
  return html`<div id="tenant-head" class="head" data-refresh><div class="title"><a class="back" href="${homeOf(context.base)}">← All tenants</a><h1>${tenantId}</h1><span class="only-now standing">${stateBadge(dotted(state, substate))}
${warningBadge(recentWarnings, `${link()}#warnings`)} <span class="quiet">for ${elapsed(since, context.now)}, since ${moment(since)}</span></span></div>
${stepped !== undefined && past(stepped, link())}
<div class="only-now">${diagnosisPanel(context, tenant)}</div>
<div class="commands only-now" role="group" aria-label="Commands">${Object.entries(OPERATOR_COMMANDS).map(
    ([name, { label }]) =>
      accepted.includes(name)
        ? html`<a class="button${name === 'disconnect' && ' danger'}" data-ask href="${link(`what-if?event=${name}`)}">${label}…</a>`
        : html`<button disabled title="Not accepted in this state">${label}</button>`,
  )}
<a class="button" data-ask href="${link('what-if')}">What if…</a><a class="button" href="${link('export')}" download>Export</a></div></div>
<nav class="tabs" aria-label="Tenant">${Object.entries(TABS).map(
    ([name, label]) => html`<a href="${link(name)}"${name === tab && html` aria-current="page"`}>${label}</a>`,
  )}</nav>${body}`;
}

/** While the past is shown, everything marked `only-now` is hidden, so that the page shows one moment only. */
function past({ to }: Stepped, now: string): Html {
  return html`<p id="past" class="banner notice" role="status"${to === null && html` hidden`}><b>You are looking at the past:</b> as it was after <span id="past-when">${moment(to?.at ?? null)}</span>,
in <span id="past-state">${to !== null && to.state !== null && stateBadge(to.state)}</span>. <a id="to-now" href="${now}">Back to now</a> <kbd>Esc</kbd></p>`;
}
