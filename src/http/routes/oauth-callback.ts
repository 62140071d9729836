import { Type } from 'typebox';
import type { FastifyReply } from 'fastify';
import { readSnapshot } from '../../connection/reads/accepted-commands.ts';
import { completeConsent } from '../../connection/commands/complete-consent.ts';
import { viewConnection, type ConnectionView } from '../../connection/reads/view-connection.ts';
import { isSettled, waitUntil } from '../../connection/commands/wait-until.ts';
import { offerConfirmation, type ConsentAttemptRow } from '../../grants/consent-attempts.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { answer } from '../../web/problems.ts';
import { html, sendPage } from '../../html/html.ts';

const WAIT_SECONDS = 10;
const text = Type.Optional(Type.String({ maxLength: 4096 }));

export type Ending = 'connected' | 'pending' | 'denied' | 'failed' | 'account_mismatch';

export function oauthCallbackRoute(app: App, deps: HttpDeps): void {
  app.get(
    '/oauth/callback',
    {
      // A look at the link (HEAD, as scanners of mail and chat send it) must not use it up.
      exposeHeadRoute: false,
      // A person reads this answer.
      errorHandler: (error, request, reply) =>
        void (error.validation ? sendInvalid(reply) : answer(error, request, reply)),
      schema: {
        summary: 'Where Calendly sends the browser after consent',
        querystring: Type.Object(
          { code: text, state: text, error: text, error_description: text },
          { additionalProperties: true },
        ),
      },
    },
    async ({ query: { code, state, error } }, reply) => {
      assertMayAct(deps);
      const consent = state && error ? { state, error } : state && code ? { state, code } : null;
      const received = consent && (await completeConsent(deps, consent));
      if (!received) return sendInvalid(reply);

      const { attempt, version } = received;
      const tenantId = attempt.tenant_id;
      const settled = await waitUntil(deps.changes, tenantId, WAIT_SECONDS, () =>
        isSettled(deps.db, tenantId, version),
      );
      const connection = await viewConnection(deps.db, tenantId);
      if (connection === undefined) return sendInvalid(reply);
      const { ending, reason } = await endingOf(
        deps,
        attempt,
        version,
        error !== undefined,
        settled === true,
        connection,
      );
      if (attempt.return_to !== null) return sendBack(reply, attempt.return_to, ending, reason);
      if (ending === 'account_mismatch') return sendQuestion(deps, reply, attempt, connection);
      return sendEnding(reply, ending, reason, connection);
    },
  );
}

export function sendInvalid(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply,
    400,
    'This link is no longer valid',
    html`<p>It was used before, has expired, or was not made here. Nothing was changed.
Please start connecting again.</p>`,
  );
}

async function endingOf(
  { db }: HttpDeps,
  attempt: ConsentAttemptRow,
  version: number,
  denied: boolean,
  settled: boolean,
  { state, substate, lastError }: ConnectionView,
): Promise<{ ending: Ending; reason: string | null }> {
  // What became of the attempt itself: afterwards the connection may be again what it was before, problem and all.
  const failed = await db
    .selectFrom('history')
    .select('event')
    .where('tenant_id', '=', attempt.tenant_id)
    .where('version', '>=', version)
    .where('kind', '=', 'event')
    .where('from_state', 'like', 'authorizing.%')
    .orderBy('version')
    .execute();
  const problem = failed
    .map((row) => row.event as { problem?: { code: string }; failure?: { code: string } })
    .map((event) => event.problem?.code ?? event.failure?.code)
    .find((code) => code !== undefined);
  if (denied)
    return { ending: problem === 'consent_denied' ? 'denied' : 'failed', reason: problem ?? 'consent_failed' };
  if (!settled) return { ending: 'pending', reason: null };
  const now = await readSnapshot(db, attempt.tenant_id);
  if (now?.snapshot.context.attempt?.id === attempt.id && substate === 'confirmingAccount')
    return { ending: 'account_mismatch', reason: 'account_mismatch' };
  if (problem !== undefined) return { ending: 'failed', reason: problem };
  if (state === 'connected') return { ending: 'connected', reason: null };
  if (state === 'error' && substate === 'retrying') return { ending: 'pending', reason: lastError?.code ?? null };
  return { ending: 'failed', reason: lastError?.code ?? state };
}

export function sendBack(reply: FastifyReply, returnTo: string, ending: Ending, reason: string | null): FastifyReply {
  const url = new URL(returnTo);
  url.searchParams.set('calendly', ending);
  if (reason !== null && ending !== 'connected') url.searchParams.set('reason', reason);
  return reply.redirect(url.href, 303);
}

const TITLES: Record<Ending, string> = {
  connected: 'Calendly is connected',
  pending: 'Calendly is being connected',
  denied: 'Calendly was not connected',
  failed: 'Calendly could not be connected',
  account_mismatch: 'This is a different Calendly account',
};

export function sendEnding(
  reply: FastifyReply,
  ending: Ending,
  reason: string | null,
  { tenantId, account }: ConnectionView,
): FastifyReply {
  const shown = account === null ? 'no Calendly account' : (account.email ?? account.name ?? account.uri);
  return sendPage(
    reply,
    200,
    TITLES[ending],
    html`<p>Tenant <code>${tenantId}</code> is linked with <strong>${shown}</strong>.</p>
${reason === null ? html`` : html`<p>Reason: <code>${reason}</code></p>`}<p>You can close this page.</p>`,
  );
}

async function sendQuestion(
  { db, publicUrl }: HttpDeps,
  reply: FastifyReply,
  { id, tenant_id: tenantId }: ConsentAttemptRow,
  { account, pendingAccount }: ConnectionView,
): Promise<FastifyReply> {
  const secret = await db.transaction().execute((trx) => offerConfirmation(trx, id));
  const former = account?.email ?? account?.uri ?? 'another account';
  const other = pendingAccount?.email ?? pendingAccount?.uri ?? 'this one';
  return sendPage(
    reply,
    200,
    TITLES.account_mismatch,
    html`<p>Tenant <code>${tenantId}</code> is linked with <strong>${former}</strong>.
You have just signed in to Calendly as <strong>${other}</strong>.</p>
<p>Switching deletes the webhook of ${former}; only the meetings of ${other} will be shown.</p>
<form method="post" action="${publicUrl}/oauth/confirm-account"><input type="hidden" name="confirmation" value="${secret}">
<button class="yes" name="accept" value="true">Switch to ${other}</button><button name="accept" value="false">Keep ${former}</button></form>`,
  );
}
