import type { Failure } from '../../machines/connection/index.ts';
import { fetchUser } from '../calendly/users.ts';
import { fetchWebhookSubscription } from '../calendly/webhook-subscriptions.ts';
import { canOpen } from '../grants/credentials.ts';
import { noteRejection, storedAccessToken } from '../grants/stored-access-token.ts';
import type { EffectAnswer, EffectImplementation } from './effect.ts';
import { fits, noteRemote } from '../subscriptions/our-subscriptions.ts';
import { settingsOf } from '../tenant-settings/settings-of.ts';

/**
 * Checks whether the subscription still exists, is active and as wanted, and whether its owner is still in the same organization. Second
 * run: checks again; that changes nothing at Calendly.
 */
export const checkSubscription: EffectImplementation<'checkSubscription'> = async (
  deps,
  run,
  { grantId, subscriptionId },
) => {
  const row = await deps.db.selectFrom('subscription').selectAll().where('id', '=', subscriptionId).executeTakeFirst();
  if (row?.uri == null) return { event: null };
  const uncheckable = (failure: Failure): EffectAnswer => ({
    event: { type: 'subscription.uncheckable', subscriptionId, failure },
  });
  const broken = (reason: string): EffectAnswer => ({
    event: { type: 'subscription.checked', subscriptionId, intact: false, retryStartedAt: null, reason },
  });
  if (row.status === 'deleted') return broken('missing');
  if (row.status !== 'live') return { event: null };
  // Without its key, its deliveries cannot be verified. A new subscription with a new key replaces it.
  const isVerifiable = await canOpen(deps.db, deps.box, row.signing_key_id, {
    tenantId: run.tenantId,
    purpose: 'signing_key',
  });
  if (!isVerifiable) return broken('signing_key_unreadable');
  const stored = await storedAccessToken(deps, grantId);
  if (stored.kind === 'unusable') return { event: null };
  if (stored.kind === 'failed') return uncheckable(stored.failure);

  const { grant, accessToken, api } = stored;
  const user = await fetchUser(api, run.trace, accessToken);
  await noteRejection(deps, grant, user);
  if (user.kind === 'failed') return uncheckable(user.failure);
  if (user.kind === 'ok' && user.value.organization !== null && user.value.organization !== grant.organization_uri)
    return broken('organization_changed');

  const answer = await fetchWebhookSubscription(api, run.trace, accessToken, row.uri);
  await noteRejection(deps, grant, answer);
  if (answer.kind === 'failed') return uncheckable(answer.failure);
  if (answer.kind !== 'ok') return broken(answer.kind === 'notFound' ? 'missing' : 'not_readable');

  const remote = answer.value;
  const { webhooks } = await settingsOf(deps, run.tenantId);
  const intact = fits({ ...webhooks, publicUrl: deps.publicUrl }, grant, row, remote);
  const retryStartedAt = remote.retry_started_at ?? null;
  // Nothing has changed: the hourly check writes nothing but its exchanges.
  if (intact && (retryStartedAt === null) === (row.retry_started_at === null)) return { event: null };
  return {
    event: async (trx) => {
      await noteRemote(trx, subscriptionId, remote);
      const reason = intact ? null : remote.state === 'active' ? 'not_as_wanted' : remote.state;
      return { type: 'subscription.checked', subscriptionId, intact, retryStartedAt, reason };
    },
  };
};
