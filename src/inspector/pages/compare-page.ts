import { html, type Html } from '../../html/html.ts';
import type { Asked, Remote } from '../../connection/compare/ask-calendly.ts';
import type { Comparison, Difference, RemoteHook } from '../../connection/compare/compare.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { moment } from '../../html/times.ts';
import type { PageContext } from './page-context.ts';
import { tenantLink } from './tenant-link.ts';

/** Null: not asked yet. */
export type CompareState =
  | null
  | { kind: 'cannot'; reason: string }
  | { kind: 'compared'; remote: Remote; comparison: Comparison };

/** Shows what is stored beside what Calendly says now. */
export function comparePage(context: PageContext, { view: { tenantId } }: Tenant, state: CompareState): Html {
  return html`<section class="card"><h2>Stored against real</h2>
<p class="quiet">Asks Calendly with the stored access token: the user, the organization, all webhook subscriptions. It never refreshes, and each call is recorded as an exchange.</p>
${state?.kind === 'cannot' && html`<p class="banner" role="status">${state.reason}</p>`}
<form method="post" action="${tenantLink(context, tenantId, 'compare')}" class="actions"><input type="hidden" name="formToken" value="${context.formToken}">
<button class="yes"${context.refusal !== null && html` disabled`}>${state?.kind === 'compared' ? 'Ask again' : 'Ask Calendly'}</button>
${state?.kind === 'compared' && html`<span class="quiet">as of ${moment(context.now)}</span>`} <span class="quiet">${context.refusal}</span></form>
${state?.kind === 'compared' && compared(context, tenantId, state.remote, state.comparison)}</section>`;
}

function compared(
  context: PageContext,
  tenantId: string,
  remote: Remote,
  { account, subscription, hooks, isMissing, hasLive }: Comparison,
): Html {
  const differing = [...account, ...(subscription ?? [])].filter(({ same }) => !same).length;
  const unknown = hooks.filter(({ role }) => role === 'unknown').length;
  const unread = [remote.user, ...remote.subscriptions.map(({ listed }) => listed)].filter(
    (asked) => 'refused' in asked,
  ).length;
  return html`<p class="banner ${differing + unknown + unread === 0 && 'notice'}" role="status"><b>${
    differing > 0
      ? `${differing} ${differing === 1 ? 'difference' : 'differences'}. `
      : unread > 0
        ? 'Not everything could be read. '
        : unknown > 0
          ? 'What is stored agrees, but not all is stored: '
          : 'Everything is as it is stored. '
  }</b>${unknown > 0 && `${unknown} webhook${unknown === 1 ? '' : 's'} below our URL that nobody here knows. `}
${isMissing && 'The live webhook is not at Calendly: no delivery can arrive until the next resync.'}</p>
<h3>Account</h3>${'refused' in remote.user ? refusal(context, tenantId, remote.user) : differences(account)}
<h3>Organization</h3>${
    'refused' in remote.organization
      ? refusal(context, tenantId, remote.organization)
      : html`<p>${remote.organization.value.name ?? remote.organization.value.uri} <span class="quiet">plan ${remote.organization.value.plan ?? 'not told'}, ${remote.organization.value.stage ?? ''}</span></p>`
  }
<h3>Live webhook</h3>${subscription === null ? html`<p class="quiet">${hasLive ? 'Not compared: the listing failed.' : 'None is stored.'}</p>` : differences(subscription)}
<h3>All webhooks that this token can see</h3>${remote.subscriptions.filter(({ listed }) => 'refused' in listed).map(({ scope, listed }) => html`<p>Scope ${scope}: ${refusal(context, tenantId, listed)}</p>`)}
${
  hooks.length === 0
    ? html`<p class="quiet">${unread === 0 ? 'None.' : 'None could be listed.'}</p>`
    : html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Whose</th><th scope="col">State</th><th scope="col">Callback</th><th scope="col">Events</th><th scope="col">Created</th></tr></thead>
<tbody>${hooks.map((hook) => line(context, tenantId, hook))}</tbody></table></div>`
}`;
}

function differences(rows: Difference[]): Html {
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Field</th><th scope="col">Stored</th><th scope="col">At Calendly</th><th scope="col">Same</th></tr></thead>
<tbody>${rows.map(
    ({
      field,
      stored,
      real,
      same,
    }) => html`<tr class="${!same && 'differs'}"><th scope="row">${field}</th><td>${stored}</td><td>${real}</td>
<td>${same ? html`<span class="mark yes">✓ same</span>` : html`<span class="mark no">✕ differs</span>`}</td></tr>`,
  )}</tbody></table></div>`;
}

const WHOSE: Record<string, string> = {
  live: 'ours, live',
  creating: 'ours, being created',
  replaced: 'ours, to be deleted',
  retired: 'ours, retired: to be deleted',
  'another tenant': 'another tenant of ours',
  unknown: 'nobody here knows it',
  foreign: "somebody else's",
};

function line(context: PageContext, tenantId: string, { remote, role }: RemoteHook): Html {
  return html`<tr class="${role === 'unknown' && 'differs'}"><td>${WHOSE[role] ?? role}${
    role === 'unknown' &&
    html`<details class="raw"><summary>Delete…</summary>
<form method="post" action="${tenantLink(context, tenantId, 'compare/delete-unknown')}"><input type="hidden" name="formToken" value="${context.formToken}"><input type="hidden" name="uri" value="${remote.uri}">
<p>Its URL is ours, but this database does not know it. If another installation uses this URL, it may be in use there.</p><button class="yes danger"${context.refusal !== null && html` disabled`}>Delete it at Calendly</button></form></details>`
  }</td>
<td>${remote.state}</td><td>${role === 'foreign' ? hostOf(remote.callback_url) : remote.callback_url}<div class="uri">${remote.uri}</div></td><td>${remote.events.join(', ')}</td><td>${moment(remote.created_at ?? null)}</td></tr>`;
}

/** Another product's URL may be a secret in itself. */
const hostOf = (url: string): string => (URL.canParse(url) ? `${new URL(url).host}/…` : 'not a URL');

function refusal<T>({ base }: PageContext, tenantId: string, asked: Asked<T>): Html {
  if ('value' in asked) return html``;
  const { message, exchangeId } = asked.refused;
  return html`<span class="quiet">${message}${exchangeId !== null && html` <a href="${tenantLink({ base }, tenantId, `exchanges?id=${exchangeId}`)}">exchange</a>`}</span>`;
}
