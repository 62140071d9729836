import { html, type Html } from '../../html/html.ts';
import { substatesOf } from '../chart/substates-of.ts';
import type { TenantListing, TenantQuery, TenantRow } from '../../connection/reads/list-tenant-rows.ts';
import type { Outgoing } from '../../host-events/count-outgoing.ts';
import { elapsed } from '../../html/times.ts';
import { verdictLine, type Diagnosis } from './diagnosis-panel.ts';
import type { PageContext } from './page-context.ts';
import { boundedCount } from './bounded-count.ts';
import { dotted, stateBadge, STATES, stateSign } from './state-badge.ts';
import { warningBadge } from './warning-badge.ts';

const SORTS = { trouble: 'Longest in a bad state', recent: 'Changed last' } as const;

interface Signs {
  diagnoses: ReadonlyMap<string, Diagnosis>;
  /** By tenant, in the last day. */
  warnings: ReadonlyMap<string, number>;
  outgoing: Outgoing;
}

export function tenantsPage(context: PageContext, query: TenantQuery, listing: TenantListing, signs: Signs): Html {
  const [state] = query.state?.split('.') ?? [];
  return html`<div id="tenants" data-refresh><h1>Tenants</h1>
${outgoing(context, signs.outgoing)}
${stateChips(context, query, listing, state)}
${filters(context, query, state)}
${listing.items.length === 0 ? empty(query, listing) : table(context, listing, signs)}
<nav class="pages" aria-label="Pages">${query.cursor !== undefined && html`<a href="${to(context, { ...query, cursor: undefined })}">First page</a>`}
${listing.nextCursor !== null && html`<a rel="next" href="${to(context, { ...query, cursor: listing.nextCursor })}">Next page</a>`}</nav></div>`;
}

function to({ base }: PageContext, { state, q, sort, cursor }: TenantQuery): string {
  const given = Object.entries({ state, q, sort: sort === 'trouble' ? undefined : sort, cursor }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const search = new URLSearchParams(given as [string, string][]).toString();
  return `${base === 'inspector' ? base : `${base}/../inspector`}${search === '' ? '' : `?${search}`}`;
}

function stateChips(
  context: PageContext,
  query: TenantQuery,
  { counts }: TenantListing,
  state: string | undefined,
): Html {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const chip = (
    name: string | undefined,
    count: number,
  ) => html`<li><a class="chip ${name !== undefined && `s-${name}`}" href="${to(context, { ...query, state: name, cursor: undefined })}"
${state === name && html` aria-current="true"`}>${name !== undefined && stateSign(name)}<span>${name ?? 'all'}</span> <b>${count.toLocaleString('en')}</b></a></li>`;
  return html`<ul class="chips" aria-label="States">${chip(undefined, total)}${STATES.map((name) => chip(name, counts[name] ?? 0))}</ul>`;
}

function filters({ base }: PageContext, { state, q, sort }: TenantQuery, top: string | undefined): Html {
  const below = top === undefined ? [] : substatesOf(top);
  return html`<form class="filters" role="search" action="${base === 'inspector' ? base : `${base}/../inspector`}">
<label>Search <input id="q" type="search" name="q" value="${q}" maxlength="200" placeholder="tenant id, e-mail, name or URI" data-key="/"></label>
${
  below.length > 1
    ? html`<label>Sub-state <select name="state"><option value="${top}">any</option>${below.map(
        (name) => html`<option value="${top}.${name}"
${state === `${top}.${name}` && html` selected`}>${name}</option>`,
      )}</select></label>`
    : html`<input type="hidden" name="state" value="${state}">`
}
<label>Order <select name="sort">${Object.entries(SORTS).map(([value, label]) => html`<option value="${value}"${sort === value && html` selected`}>${label}</option>`)}</select></label>
<button>Show</button></form>`;
}

function empty({ state, q, cursor }: TenantQuery, { counts }: TenantListing): Html {
  const none = Object.values(counts).every((count) => count === 0);
  if (none)
    return html`<div class="empty"><p><b>No tenant yet.</b></p><p>A tenant appears here with its first <code>POST /v1/tenants/{tenantId}/connection/connect</code>.</p></div>`;
  return html`<div class="empty"><p><b>Nothing fits${cursor !== undefined && ' any more'}.</b></p><p>${
    q
      ? html`No tenant id, e-mail, name or URI contains “${q}”${state !== undefined && state !== '' && html` in state ${state}`}.
Words of one or two letters are compared with the beginning of tenant ids only.`
      : html`No tenant is in this state.`
  }</p></div>`;
}

function outgoing({ base }: PageContext, { waiting, parked }: Outgoing): Html {
  return html`<p class="quiet">Events to the host: <a href="${base}/events?status=waiting">${boundedCount(waiting)} waiting</a>,
<a href="${base}/events?status=parked"${parked > 0 && html` class="problem"`}>${boundedCount(parked)} parked</a></p>`;
}

function table({ base, now }: PageContext, { items }: TenantListing, signs: Signs): Html {
  return html`<div class="scroll"><table class="tenants"><thead><tr><th scope="col">State</th><th scope="col">Tenant</th><th scope="col">Calendly account</th>
<th scope="col" class="number">For</th><th scope="col">Diagnosis</th><th scope="col">Problem</th><th scope="col" class="number">Owes</th></tr></thead>
<tbody>${items.map((item) => line(base, now, item, signs))}</tbody></table></div>`;
}

function line(base: string, now: Date, row: TenantRow, signs: Signs): Html {
  const { tenantId, state, substate, since, account, problem, debts } = row;
  const warnings = signs.warnings.get(tenantId) ?? 0;
  const diagnosis = signs.diagnoses.get(tenantId);
  const href = `${base}/tenants/${encodeURIComponent(tenantId)}`;
  return html`<tr id="t-${tenantId}"><td>${stateBadge(dotted(state, substate))}</td>
<td><a class="tenant" href="${href}">${tenantId}</a></td>
<td>${account === null ? html`<span class="quiet">–</span>` : html`${account.email ?? account.name ?? account.uri}`}</td>
<td class="number" data-label="for">${elapsed(since, now)}</td>
<td class="why">${diagnosis === undefined ? html`<span class="quiet">–</span>` : verdictLine(diagnosis)}</td>
<td>${problem === null ? warnings === 0 && html`<span class="quiet">–</span>` : html`<span class="problem" title="${problem.message}">${problem.code}</span> `}${warningBadge(warnings, `${href}#warnings`)}</td>
<td class="number" data-label="owes">${debts === 0 ? html`<span class="quiet">–</span>` : debts}</td></tr>`;
}
