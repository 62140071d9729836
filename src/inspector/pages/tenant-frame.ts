import { html, type Html } from '../../html/html.ts';
import type { PageContext } from './page-context.ts';
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

/** What stands above every page of a tenant: how it is, what can be done. */
export function tenantFrame(context: PageContext, tenant: Tenant, tab: Tab, body: Html): Html {
  const { view, accepted, recentWarnings } = tenant;
  const { tenantId, state, substate, since } = view;
  const link = (rest = '') => tenantLink(context, tenantId, rest);
  return html`<div id="tenant-head" class="head" data-refresh><div class="title"><h1>${tenantId}</h1>${stateBadge(dotted(state, substate))}${warningBadge(recentWarnings, `${link()}#warnings`)}
<span class="quiet">for ${elapsed(since, context.now)}, since ${moment(since)}</span></div>
<div class="commands" role="group" aria-label="Commands">${Object.entries(OPERATOR_COMMANDS).map(([name, { label }]) =>
    accepted.includes(name)
      ? html`<a class="button${name === 'disconnect' && ' danger'}" data-ask href="${link(`what-if?event=${name}`)}">${label}…</a>`
      : html`<span class="button off" title="Not accepted in this state">${label}</span>`,
  )}
<a class="button" data-ask href="${link('what-if')}">What if…</a><a class="button" href="${link('export')}" download>Export</a></div>
${diagnosisPanel(context, tenant)}</div>
<nav class="tabs" aria-label="Tenant">${Object.entries(TABS).map(
    ([name, label]) => html`<a href="${link(name)}"${name === tab && html` aria-current="page"`}>${label}</a>`,
  )}</nav>${body}`;
}
