import type { FastifyReply } from 'fastify';
import type { ConsentOutcome } from '../connection/commands/complete-consent.ts';
import type { EndedConsent } from '../connection/commands/ended-consent.ts';
import type { ConsentEnding } from '../connection/commands/consent-outcome.ts';
import type { ConnectionView } from '../connection/reads/view-connection.ts';
import { html, type Html } from '../html/html.ts';
import { sendPage } from '../web/send-page.ts';

const TITLES: Record<ConsentEnding, string> = {
  connected: 'Calendly is connected',
  pending: 'Calendly is being connected',
  denied: 'Calendly was not connected',
  failed: 'Calendly could not be connected',
  account_mismatch: 'This is a different Calendly account',
  confirm: 'Calendly is being connected',
};
const AGAIN = 'To try again, go back to the product that sent you here. You can close this page.';
const NEXT: Record<ConsentEnding, string> = {
  connected: 'You can close this page.',
  pending: 'It goes on by itself. You can close this page.',
  denied: AGAIN,
  failed: AGAIN,
  account_mismatch: AGAIN,
  confirm: AGAIN,
};

const WHY: Record<EndedConsent['why'], string> = {
  used: 'It was used before, and works once. Opening it again changed nothing.',
  expired: 'It is too old. Opening it changed nothing.',
  overtaken: 'Meanwhile the account was disconnected, or connecting was started anew. Opening it changed nothing.',
};

/** `ended`: what is known of the link; null: nothing is. */
export function sendInvalid(reply: FastifyReply, ended: EndedConsent | null = null): FastifyReply {
  const returnTo = ended?.returnTo ?? null;
  return sendPage(
    reply,
    400,
    'This link is no longer valid',
    html`<p>${ended === null ? 'It was used before, has expired, or is wrong. Nothing has changed.' : WHY[ended.why]}</p>
<p>${
      returnTo === null
        ? 'Go back to the product that sent you here: it shows whether Calendly is connected, and starts connecting again.'
        : html`<a href="${returnTo}">Go back to ${new URL(returnTo).host}</a>: it shows whether Calendly is connected, and starts connecting again.`
    }</p>`,
  );
}

/** Back to the host product, with the outcome in the address. */
function sendBack(
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
${reason === null ? html`` : html`<p>Reason: <code>${reason}</code></p>`}<p>${NEXT[ending]}</p>`,
  );
}

/** Where the browser goes, or the page that it gets. */
export function sendOutcome(reply: FastifyReply, publicUrl: string, outcome: ConsentOutcome): FastifyReply {
  const { returnTo, confirmation, ending, connection } = outcome;
  if (returnTo !== null) return sendBack(reply, returnTo, outcome);
  if (confirmation === null) return sendEnding(reply, outcome);
  const form: Form = { publicUrl, confirmation };
  if (ending === 'account_mismatch') return sendQuestion(reply, form, connection);
  return ending === 'pending' ? sendPatience(reply, form, connection) : sendEnding(reply, outcome);
}

interface Form {
  publicUrl: string;
  /** The secret of the page's buttons. */
  confirmation: string;
}

const formOf = ({ publicUrl, confirmation }: Form, buttons: Html): Html =>
  html`<form method="post" action="${publicUrl}/oauth/confirm-account"><input type="hidden" name="confirmation" value="${confirmation}">
${buttons}</form>`;

/** Another account than before, or a consent that only this person can complete: whoever has just signed in says yes or no. */
function sendQuestion(
  reply: FastifyReply,
  form: Form,
  { tenantId, account, pendingAccount }: ConnectionView,
): FastifyReply {
  const signedIn = pendingAccount?.email ?? pendingAccount?.uri ?? 'this account';
  if (account === null || account.uri === pendingAccount?.uri) {
    return sendPage(
      reply,
      200,
      'Link this Calendly account?',
      html`<p>You have just signed in to Calendly as <strong>${signedIn}</strong>.</p>
<p>If you say yes, tenant <code>${tenantId}</code> sees the meetings of this account. Say yes only if you asked for this yourself, and know this tenant.</p>
${formOf(
  form,
  html`<button class="yes" name="accept" value="true">Link ${signedIn} to ${tenantId}</button><button name="accept" value="false">Do not link</button>`,
)}`,
    );
  }
  const former = account.email ?? account.uri;
  return sendPage(
    reply,
    200,
    TITLES.account_mismatch,
    html`<p>Tenant <code>${tenantId}</code> is linked with <strong>${former}</strong>.
You have just signed in to Calendly as <strong>${signedIn}</strong>.</p>
<p>Switching deletes the webhook of ${former}; only the meetings of ${signedIn} will be shown.</p>
${formOf(
  form,
  html`<button class="yes" name="accept" value="true">Switch to ${signedIn}</button><button name="accept" value="false">Keep ${former}</button>`,
)}`,
  );
}

/** Calendly takes longer than a page may wait. There may be a question then. */
function sendPatience(reply: FastifyReply, form: Form, { tenantId }: ConnectionView): FastifyReply {
  return sendPage(
    reply,
    200,
    TITLES.pending,
    html`<p>Calendly takes its time for tenant <code>${tenantId}</code>.</p>
${formOf(form, html`<button class="yes" name="accept" value="later">Look again</button>`)}`,
  );
}
