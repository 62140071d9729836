import type { Failure } from '../../machines/connection/index.ts';
import { deleteWebhookSubscription, listWebhookSubscriptions } from '../calendly/webhook-subscriptions.ts';
import { callWithGrant, type Called } from '../grants/call-with-grant.ts';
import type { EffectAnswer, EffectDeps, EffectImplementation, EffectRun } from './effect.ts';
import { isFormer, type SubscriptionRow } from '../subscriptions/our-subscriptions.ts';

/** The time limit of a create (30 s) and 30 s more. After that, a complete listing shows whether the create was carried out. */
const CREATE_OUTCOME_MS = 60_000;

/** Deletes a subscription at Calendly. Second run: deletes again; a 404 of Calendly says that the first run did it. */
export const deleteSubscription: EffectImplementation<'deleteSubscription'> = async (
  deps,
  run,
  { debtId, subscriptionId, grantId },
) => {
  const settled: EffectAnswer = { event: { type: 'debt.settled', debtId } };
  const row = await deps.db.selectFrom('subscription').selectAll().where('id', '=', subscriptionId).executeTakeFirst();
  if (row === undefined || (row.uri === null && row.create_sent_at === null && !row.imported)) return settled;

  const uris = row.uri === null ? await findUris(deps, run, row, grantId) : { kind: 'found' as const, uris: [row.uri] };
  if (uris.kind === 'answer') return uris.answer(debtId);
  for (const uri of uris.uris) {
    const called = await callWithGrant(deps, run, grantId, (api, token) =>
      deleteWebhookSubscription(api, run.trace, token, uri),
    );
    const open = unsettled(called, run, grantId);
    if (open !== null) return open(debtId);
  }
  if (uris.uris.length > 0 || row.imported) return settled;
  const openUntil = (row.create_sent_at?.getTime() ?? 0) + CREATE_OUTCOME_MS;
  const wait = openUntil - deps.now().getTime();
  return wait <= 0
    ? settled
    : postponed({
        kind: 'transient',
        code: 'outcome_open',
        message: 'It is not known yet whether the webhook was created.',
        exchangeId: null,
        certain: true,
        retryAfterSeconds: Math.ceil(wait / 1000),
      })(debtId);
};

type ForDebt = (debtId: string) => EffectAnswer;

async function findUris(
  deps: EffectDeps,
  run: EffectRun,
  row: SubscriptionRow,
  grantId: string,
): Promise<{ kind: 'found'; uris: string[] } | { kind: 'answer'; answer: ForDebt }> {
  if (row.imported) return findFormer(deps, run, row, grantId);
  const place = { organization: row.organization_uri, user: row.account_uri, scope: row.scope };
  const called = await callWithGrant(deps, run, grantId, (api, token) =>
    listWebhookSubscriptions(api, run.trace, token, place),
  );
  if (called.kind === 'answered' && called.answer.kind === 'ok') {
    return {
      kind: 'found',
      uris: called.answer.value.filter((each) => each.callback_url === row.callback_url).map((each) => each.uri),
    };
  }
  const exchangeId = called.kind === 'answered' && 'exchangeId' in called.answer ? called.answer.exchangeId : null;
  return { kind: 'answer', answer: unsettled(called, run, grantId) ?? refused(exchangeId) };
}

/** Finds a webhook of another system of which only the callback URL is known: one that this account has created, in any scope. */
async function findFormer(
  deps: EffectDeps,
  run: EffectRun,
  row: SubscriptionRow,
  grantId: string,
): Promise<{ kind: 'found'; uris: string[] } | { kind: 'answer'; answer: ForDebt }> {
  const uris: string[] = [];
  for (const scope of ['user', 'organization']) {
    const place = { organization: row.organization_uri, user: row.account_uri, scope };
    const called = await callWithGrant(deps, run, grantId, (api, token) =>
      listWebhookSubscriptions(api, run.trace, token, place),
    );
    if (called.kind === 'answered' && called.answer.kind === 'ok')
      uris.push(...called.answer.value.filter((each) => isFormer(row, each)).map((each) => each.uri));
    else {
      const isRefused = called.kind === 'answered' && called.answer.kind !== 'failed';
      // A plain member may not list the organization's webhooks, and has created none there.
      if (isRefused && scope === 'organization') continue;
      const exchangeId = called.kind === 'answered' && 'exchangeId' in called.answer ? called.answer.exchangeId : null;
      return { kind: 'answer', answer: unsettled(called, run, grantId) ?? refused(exchangeId) };
    }
  }
  return { kind: 'found', uris };
}

/** What a failed call means for the debt; null if the debt is settled (a 404, too: there is nothing left to delete). */
function unsettled(called: Called<unknown>, { tenantId }: EffectRun, grantId: string): ForDebt | null {
  switch (called.kind) {
    case 'busy':
      return () => ({ postponeUntil: called.until });
    case 'failed':
      return postponed(called.failure);
    case 'dead':
      return (debtId) => ({
        event: async (trx) => {
          // A new grant of the account took over the debt while this call used the former one. The debt goes on with the new grant.
          const debt = await trx
            .selectFrom('debt')
            .select('grant_id')
            .where('tenant_id', '=', tenantId)
            .where('id', '=', debtId)
            .executeTakeFirst();
          if (debt !== undefined && debt.grant_id !== grantId)
            return { type: 'debt.postponed', debtId, failure: takenOver };
          return {
            type: 'debt.blocked',
            debtId,
            problem: {
              ...called.problem,
              message: `${called.problem.message} Connect the same Calendly account again, or delete the webhook there by hand.`,
            },
          };
        },
      });
    case 'answered': {
      const { answer } = called;
      if (answer.kind === 'ok' || answer.kind === 'notFound') return null;
      if (answer.kind === 'failed')
        return answer.failure.kind === 'invalid' ? refused(answer.failure.exchangeId) : postponed(answer.failure);
      return refused(answer.exchangeId);
    }
  }
}

const takenOver: Failure = {
  kind: 'transient',
  code: 'grant_replaced',
  message: 'The tokens were replaced meanwhile. The service tries again with the new ones.',
  exchangeId: null,
  certain: true,
  retryAfterSeconds: 0,
};

/** It ends without a person, too: deliveries to this webhook are refused, so Calendly disables it within about a day. */
const refused =
  (exchangeId: string | null): ForDebt =>
  (debtId) => ({
    event: {
      type: 'debt.refused',
      debtId,
      problem: {
        code: 'not_permitted',
        exchangeId,
        message:
          'Calendly does not let this account delete the webhook. An owner or admin of its organization can; ' +
          'deliveries to it are refused, so that Calendly disables it.',
      },
    },
  });

function postponed(failure: Failure): ForDebt {
  return (debtId) => ({ event: { type: 'debt.postponed', debtId, failure } });
}
