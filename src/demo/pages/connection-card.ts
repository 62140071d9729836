import { html, type Html } from '../../http/pages.ts';
import type { TenantView } from '../read-tenant.ts';
import { describeState } from '../words.ts';
import { commandButton, type CommandButton } from './command-button.ts';
import { stateBadge } from './state-badge.ts';

/** How the tenant is connected, and what the tenant's user can do about it. */
export function connectionCard({ tenantId, connection, tour, account }: TenantView): Html {
  const { state, substate } = connection ?? { state: 'disconnected', substate: 'idle' };
  const problem = connection?.lastError;
  return html`<div class="headline">${stateBadge(state)}<p class="sentence">${describeState(state, substate)}</p></div>
${connection?.account ? html`<p class="account">Linked with <strong>${connection.account.name ?? 'a Calendly account'}</strong> <span class="quiet">${connection.account.email ?? connection.account.uri}${
    account ? html` · ${account.organizationName}` : html``}</span></p>` : html``}
${problem && state !== 'connected' ? html`<p class="problem"><strong>${problem.code}</strong> ${problem.message}</p>` : html``}
${debts(connection?.debts.length ?? 0, state)}
${substate === 'confirmingAccount' ? question(tenantId, connection) : html`<div class="commands">${commandsFor(state, substate).map((button) =>
    commandButton({ ...button, tenantId, primary: isNext(button, tour.next) }))}</div>`}`;
}

type Button = Omit<CommandButton, 'tenantId' | 'primary'> & { step: string };
const connect: Button = { action: 'connect', label: 'Connect', step: 'connect', hint: 'Opens Calendly’s consent page once.' };
const reconnect: Button = { action: 'connect', label: 'Reconnect', step: 'reconnect', hint: 'With the stored tokens; consent only if they are refused.' };
const switchAccount: Button = {
  action: 'connect', label: 'Switch account', step: 'switch', fields: { switch: 'true' }, hint: 'Asks for consent, then replaces the old account.',
};
const disconnect: Button = { action: 'disconnect', label: 'Disconnect', step: 'disconnect', hint: 'Deletes the webhook, revokes and wipes the tokens.' };
const revoke: Button = {
  action: 'revoke', label: 'Revoke at Calendly', step: '', hint: 'As when the user changes their password. Then reconnect, as somebody else if you like.',
};

function commandsFor(state: string, substate: string | null): Button[] {
  if (state === 'disconnected') return [connect];
  if (substate === 'awaitingConsent') return [{ ...connect, label: 'Open the consent page', hint: 'Makes a new link; an older one no longer counts.' }, disconnect];
  if (substate === 'needsReauthorization') return [{ ...reconnect, step: 'connect', hint: 'Opens Calendly’s consent page once.' }, disconnect];
  if (state === 'connected') return [reconnect, switchAccount, disconnect, revoke];
  return [reconnect, switchAccount, disconnect];
}

const isNext = ({ step, label }: Button, next: string | null) => step === next && label !== 'Revoke at Calendly';

function question(tenantId: string, connection: TenantView['connection']): Html {
  const former = connection?.account?.email ?? 'the former account';
  const other = connection?.pendingAccount;
  const fields = (accept: string) => ({ accept, account: other?.uri ?? '' });
  return html`<div class="question" role="group" aria-label="Another account"><p><strong>${other?.email ?? other?.uri ?? 'Another account'}</strong> signed in,
but ${tenantId} is linked with <strong>${former}</strong>. Nothing is changed until somebody decides.</p>
<div class="commands">${commandButton({ action: 'confirm', tenantId, label: 'Use the new account', fields: fields('true'), primary: true })}
${commandButton({ action: 'confirm', tenantId, label: 'Keep the old one', fields: fields('false') })}</div></div>`;
}

function debts(count: number, state: string): Html {
  if (count === 0) return html``;
  const what = state === 'disconnected' ? 'still to be removed at Calendly' : 'left over at Calendly, being removed';
  return html`<p class="problem">${count === 1 ? 'One thing is' : `${count} things are`} ${what}. It is retried until it is done.</p>`;
}
