import type { Failure } from '../../machines/connection/index.ts';
import type { Refused } from '../calendly/failure.ts';
import {
  createWebhookSubscription,
  listWebhookSubscriptions,
  type RemoteSubscription,
} from '../calendly/webhook-subscriptions.ts';
import { missingWebhookScopes } from '../calendly/webhook-scopes.ts';
import { readCredential } from '../grants/credentials.ts';
import { noteRejection, storedAccessToken } from '../grants/stored-access-token.ts';
import { REFUSALS } from '../subscriptions/refusals.ts';
import type { EffectAnswer, EffectDeps, EffectImplementation } from './effect.ts';
import { noteRemote, type SubscriptionRow } from '../subscriptions/our-subscriptions.ts';
import { settingsOf } from '../tenant-settings/settings-of.ts';

/**
 * Creates the subscription of a row. A row is sent at most once. Second run: reads a listing; if our URL is in it, the first run has
 * created the subscription.
 */
export const createSubscription: EffectImplementation<'createSubscription'> = async (
  deps,
  run,
  { subscriptionId, grantId, generation },
) => {
  const { db, box } = deps;
  const row = await db.selectFrom('subscription').selectAll().where('id', '=', subscriptionId).executeTakeFirst();
  if (!row?.signing_key_id) throw new Error(`Subscription ${subscriptionId} has no row to be created from`);
  // If a listing fails after the create was sent, nothing is known: the subscription may exist, so it stays in doubt.
  const failed = (failure: Failure): EffectAnswer => ({
    event: {
      type: 'call.failed',
      generation,
      failure: row.create_sent_at === null ? failure : { ...failure, certain: false },
    },
  });
  const stored = await storedAccessToken(deps, grantId);
  if (stored.kind === 'unusable')
    return { event: { type: 'grant.unusable', generation, grantId, problem: stored.problem } };
  if (stored.kind === 'failed') return failed(stored.failure);

  const { grant, accessToken, api } = stored;
  const created = (remote: RemoteSubscription): EffectAnswer => ({
    event: async (trx) => {
      await noteRemote(trx, subscriptionId, remote);
      return {
        type: 'subscription.created',
        generation,
        subscriptionId,
        uri: remote.uri,
        grantId,
        accountUri: row.account_uri,
      };
    },
  });
  const refused = async (
    reason: Refused['reason'],
    missingScopes: string[],
    exchangeId: string | null,
  ): Promise<EffectAnswer> => ({
    event: {
      type: 'permission.refused',
      generation,
      subscriptionId,
      reason,
      missingScopes,
      fallback: reason === 'role' ? await fallbackOf(deps, row) : null,
      problem: { ...REFUSALS[reason], exchangeId },
    },
  });
  const place = { organization: row.organization_uri, user: row.account_uri, scope: row.scope };

  if (row.create_sent_at !== null) {
    const answer = await listWebhookSubscriptions(api, run.trace, accessToken, place);
    await noteRejection(deps, grant, answer);
    const remote =
      answer.kind === 'ok' ? answer.value.find((each) => each.callback_url === row.callback_url) : undefined;
    return remote ? created(remote) : failed(answer.kind === 'failed' ? answer.failure : inDoubt);
  }
  const signingKey = await readCredential(db, box, row.signing_key_id, {
    tenantId: run.tenantId,
    purpose: 'signing_key',
  });
  const sentAt = await markSent(deps, row);
  if (sentAt === null) return { postponeUntil: new Date(deps.now().getTime() + SECOND_RUN_WAIT_MS) };
  if (performance.now() - sentAt > MOST_AGE_OF_INTENT_MS) return failed(inDoubt);
  const answer = await createWebhookSubscription(api, run.trace, accessToken, {
    ...place,
    url: row.callback_url,
    events: row.events,
    signingKey,
  });
  await noteRejection(deps, grant, answer);
  switch (answer.kind) {
    case 'ok':
      return created(answer.value);
    case 'failed': {
      // If a person took a scope away, Calendly may answer that the parameters are invalid. The grant's own scope tells which of the two it
      // is.
      const missing = answer.status === 400 ? missingWebhookScopes(grant.scope, row.events) : [];
      return missing.length === 0 ? failed(answer.failure) : refused('scope', missing, answer.failure.exchangeId);
    }
    case 'conflict':
      return {
        event: {
          type: 'subscription.conflicted',
          generation,
          subscriptionId,
          problem: {
            code: 'webhook_conflict',
            message: 'Calendly says that this webhook exists already (409).',
            exchangeId: answer.exchangeId,
          },
        },
      };
    case 'forbidden':
      return refused(answer.refused.reason, answer.refused.missingScopes, answer.exchangeId);
    case 'notFound':
      return failed({
        kind: 'invalid',
        code: 'request_refused',
        message: 'Calendly knows no such user or organization (404).',
        exchangeId: answer.exchangeId,
        certain: true,
        retryAfterSeconds: 0,
      });
  }
};

/** A second run waits this long, then looks in a listing for the result of the first one. */
const SECOND_RUN_WAIT_MS = 1_000;
/** A process that was frozen for this long must not send any more: another run may have looked, found nothing and given up the row. */
const MOST_AGE_OF_INTENT_MS = 5_000;

const inDoubt: Failure = {
  kind: 'transient',
  code: 'create_in_doubt',
  message: 'It is not known whether the webhook was created. The service looks for it and deletes it.',
  exchangeId: null,
  certain: false,
  retryAfterSeconds: 0,
};

async function fallbackOf(deps: EffectDeps, row: SubscriptionRow): Promise<{ scope: string; events: string[] } | null> {
  const { fallback } = (await settingsOf(deps, row.tenant_id)).webhooks;
  return fallback !== null && row.scope !== fallback.scope
    ? { scope: fallback.scope, events: [...fallback.events] }
    : null;
}

/**
 * Committed before the call: from here on, the outcome of the create is unknown until it is stored. Returns the monotonic time before the
 * commit. Returns null if another run of this effect was faster, or the row was given up: no two runs may send the same row.
 */
async function markSent({ db, now }: EffectDeps, row: SubscriptionRow): Promise<number | null> {
  const before = performance.now();
  const marked = await db
    .updateTable('subscription')
    .set({ create_sent_at: now() })
    .where('id', '=', row.id)
    .where('create_sent_at', 'is', null)
    .where('status', '=', 'creating')
    .returning('id')
    .executeTakeFirst();
  return marked === undefined ? null : before;
}
