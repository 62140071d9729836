import type { FastifyReply } from 'fastify';
import type { ConsentOutcome } from '../connection/commands/complete-consent.ts';
import type { ConsentEnding } from '../connection/commands/consent-outcome.ts';
import type { ConnectionView } from '../connection/reads/view-connection.ts';
import { html } from '../html/html.ts';
import { sendPage } from './send-page.ts';

const TITLES: Record<ConsentEnding, string> = {
  connected: 'Calendly is connected',
  pending: 'Calendly is being connected',
  denied: 'Calendly was not connected',
  failed: 'Calendly could not be connected',
  account_mismatch: 'This is a different Calendly account',
  confirm: 'Calendly is being connected',
};

export function sendInvalid(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply,
    400,
    'This link is no longer valid',
    html`<p>It was used before, has expired, or is wrong. Nothing has changed.
Please start connecting again.</p>`,
  );
}

/** Back to the host product, with the outcome in the address. */
export function sendBack(
  reply: FastifyReply,
  returnTo: string,
  { ending, reason, ticket }: Pick<ConsentOutcome, 'ending' | 'reason' | 'ticket'>,
): FastifyReply {
  const url = new URL(returnTo);
  url.searchParams.set('calendly', ending);
  if (reason !== null && ending !== 'connected') url.searchParams.set('reason', reason);
  if (ticket !== null) url.searchParams.set('ticket', ticket);
  return reply.redirect(url.href, 303);
}

export function sendEnding(
  reply: FastifyReply,
  { ending, reason, connection }: Pick<ConsentOutcome, 'ending' | 'reason' | 'connection'>,
): FastifyReply {
  const { tenantId, account } = connection;
  const shown = account === null ? 'no Calendly account' : (account.email ?? account.name ?? account.uri);
  return sendPage(
    reply,
    200,
    TITLES[ending],
    html`<p>Tenant <code>${tenantId}</code> is linked with <strong>${shown}</strong>.</p>
${reason === null ? html`` : html`<p>Reason: <code>${reason}</code></p>`}<p>You can close this page.</p>`,
  );
}

/** Another account than before: the person who has just signed in says which one it shall be. */
export function sendQuestion(
  reply: FastifyReply,
  publicUrl: string,
  { tenantId, account, pendingAccount }: ConnectionView,
  confirmation: string,
): FastifyReply {
  const former = account?.email ?? account?.uri ?? 'another account';
  const other = pendingAccount?.email ?? pendingAccount?.uri ?? 'this one';
  return sendPage(
    reply,
    200,
    TITLES.account_mismatch,
    html`<p>Tenant <code>${tenantId}</code> is linked with <strong>${former}</strong>.
You have just signed in to Calendly as <strong>${other}</strong>.</p>
<p>Switching deletes the webhook of ${former}; only the meetings of ${other} will be shown.</p>
<form method="post" action="${publicUrl}/oauth/confirm-account"><input type="hidden" name="confirmation" value="${confirmation}">
<button class="yes" name="accept" value="true">Switch to ${other}</button><button name="accept" value="false">Keep ${former}</button></form>`,
  );
}
