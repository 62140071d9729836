import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';
import { describeState } from '../words.ts';
import { commandButton, type CommandButton } from './command-button.ts';
import { stateBadge } from './state-badge.ts';

/** Shows how the tenant is connected, and what the tenant's user can do about it. */
export function connectionCard({ tenantId, connection, tour, account, tokensEnded }: TenantView): Html {
  const { state, substate } = connection ?? { state: 'disconnected', substate: 'idle' };
  const problem = connection?.lastError;
  return html`<div class="headline">${stateBadge(state)}<p class="sentence">${describeState(state, substate)}${nothingLeft(connection)}</p></div>
${
  connection?.account
    ? html`<p class="account">Linked with <strong>${connection.account.name ?? 'a Calendly account'}</strong> <span class="quiet">${connection.account.email ?? connection.account.uri}${
        account ? html` · ${account.organizationName}` : html``
      }</span></p>`
    : html``
}
${problem && (state === 'error' || state === 'disconnected') ? html`<p class="problem"><strong>${problem.code}</strong> ${problem.message}</p>` : html``}
${(connection?.debts ?? []).map(leftover)}
${
  substate === 'confirmingAccount'
    ? question(tenantId, connection)
    : html`<div class="commands">${commandsFor(state, substate, tokensEnded).map((button) =>
        commandButton({ ...button, tenantId, primary: button.step === tour.next }),
      )}</div>`
}
${state === 'connected' ? html`<div class="trouble">${substate === 'polling' && commandButton({ ...fetchNow, tenantId })}${commandButton({ ...fail, tenantId, primary: tour.next === 'heal' })}${commandButton({ ...revoke, tenantId })}</div>` : html``}`;
}

type Button = Omit<CommandButton, 'tenantId' | 'primary'> & { step: string };
const connect: Button = {
  action: 'connect',
  label: 'Connect',
  step: 'connect',
  hint: 'Opens Calendly’s consent page once.',
};
const reconnect: Button = {
  action: 'connect',
  label: 'Reconnect',
  step: 'reconnect',
  hint: 'Uses the stored tokens. Asks for consent only if Calendly refuses them.',
};
const switchAccount: Button = {
  action: 'connect',
  label: 'Switch account',
  step: 'switch',
  fields: { switch: 'true' },
  hint: 'Asks for consent, then replaces the old account.',
};
const disconnect: Button = {
  action: 'disconnect',
  label: 'Disconnect',
  step: 'disconnect',
  hint: 'Deletes the webhook, revokes and deletes the tokens.',
};
const revoke = {
  action: 'revoke',
  label: 'Revoke at Calendly',
  hint: 'Ends all tokens, as when the user changes their password. Then reconnect, with the same or another account.',
} as const;

const fail = {
  action: 'fail',
  label: 'Let Calendly fail',
  hint: 'It answers 503 twice when the service reads its webhooks. Then the connection recovers.',
} as const;
const fetchNow = {
  action: 'fetch',
  label: 'Fetch now',
  hint: 'Checks whether the plan has webhooks now, and fetches the meetings.',
} as const;

function commandsFor(state: string, substate: string | null, tokensEnded: boolean): Button[] {
  if (state === 'disconnected') return [connect];
  if (substate === 'awaitingConsent')
    return [
      { ...connect, label: 'Open the consent page', hint: 'Makes a new link. An older link does not work any more.' },
      disconnect,
    ];
  if (substate === 'needsReauthorization')
    return [{ ...reconnect, step: 'connect', hint: 'Opens Calendly’s consent page once.' }, disconnect];
  const asks = { ...reconnect, hint: 'The stored tokens do not work any more, so it asks for consent.' };
  return [tokensEnded ? asks : reconnect, switchAccount, disconnect];
}

function question(tenantId: string, connection: TenantView['connection']): Html {
  const former = connection?.account?.email ?? 'the former account';
  const other = connection?.pendingAccount;
  const fields = (accept: string) => ({ accept, account: other?.uri ?? '' });
  return html`<div class="question" role="group" aria-label="Another account"><p><strong>${other?.email ?? other?.uri ?? 'Another account'}</strong> signed in,
but ${tenantId} is linked with <strong>${former}</strong>. Nothing is changed until somebody decides.</p>
<div class="commands">${commandButton({ action: 'confirm', tenantId, label: 'Use the new account', fields: fields('true'), primary: true })}
${commandButton({ action: 'confirm', tenantId, label: 'Keep the old one', fields: fields('false') })}</div></div>`;
}

/** A debt. It is tried until it is done, or until only a person can settle it. */
function leftover({ kind, remoteId, lastError }: NonNullable<TenantView['connection']>['debts'][number]): Html {
  const what = kind === 'subscription' ? 'A webhook' : 'A token';
  return html`<p class="problem"><strong>${what} is left at Calendly.</strong> ${lastError?.message ?? 'It is being removed.'}${
    kind === 'subscription' && remoteId ? html` <code>${remoteId}</code>` : html``
  }</p>`;
}

const nothingLeft = (connection: TenantView['connection']): string =>
  connection?.state === 'disconnected' && connection.debts.length === 0
    ? ' Nothing of this customer is left at Calendly.'
    : '';
