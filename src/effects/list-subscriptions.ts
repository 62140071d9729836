import type { Failure, FoundSubscription } from '../../machines/connection/index.ts';
import { listWebhookSubscriptions, type Listed, type RemoteSubscription } from '../calendly/webhook-subscriptions.ts';
import { canOpen } from '../grants/credentials.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import { noteRejection, storedAccessToken } from '../grants/stored-access-token.ts';
import type { EffectDeps, EffectImplementation } from './effect.ts';
import { REFUSALS } from '../subscriptions/refusals.ts';
import { fits, noteRemote, oursAmong } from '../subscriptions/our-subscriptions.ts';
import type { WantedWebhooks } from '../tenant-settings/effective-settings.ts';
import { settingsOf } from '../tenant-settings/settings-of.ts';

/** Lists the account's subscriptions, all pages, and says which are ours. Second run: lists again; that changes nothing at Calendly. */
export const listSubscriptions: EffectImplementation<'listSubscriptions'> = async (
  deps,
  run,
  { grantId, generation },
) => {
  const { pollingMinutes, watchMinutes } = deps.deployment;
  const { webhooks } = await settingsOf(deps, run.tenantId);
  const stored = await storedAccessToken(deps, grantId);
  if (stored.kind === 'unusable')
    return { event: { type: 'grant.unusable', generation, grantId, problem: stored.problem } };
  if (stored.kind === 'failed') return { event: { type: 'call.failed', generation, failure: stored.failure } };

  const { grant, accessToken, api } = stored;
  const remote: RemoteSubscription[] = [];
  for (const listed of await listings(deps, webhooks, run.tenantId, grant)) {
    const answer = await listWebhookSubscriptions(api, run.trace, accessToken, listed);
    await noteRejection(deps, grant, answer);
    if (answer.kind === 'ok') remote.push(...answer.value);
    else if (answer.kind === 'failed') return { event: { type: 'call.failed', generation, failure: answer.failure } };
    else if (listed.scope !== webhooks.scope) continue;
    else if (answer.kind === 'forbidden') {
      const { reason, missingScopes } = answer.refused;
      // A plain member may not list the organization's webhooks. Whether the member may create one is found out by the create.
      if (reason === 'role' && webhooks.fallback !== null) continue;
      const problem = { ...REFUSALS[reason], exchangeId: answer.exchangeId };
      return {
        event: {
          type: 'permission.refused',
          generation,
          subscriptionId: null,
          reason,
          missingScopes,
          fallback: null,
          problem,
        },
      };
    } else {
      // This is not an empty list: what exists is unknown, so nothing may be concluded from it.
      return { event: { type: 'call.failed', generation, failure: { ...unlisted, exchangeId: answer.exchangeId } } };
    }
  }

  return {
    event: async (trx) => {
      // Read after the listing, because a debt may have deleted one of them meanwhile.
      const ours = await oursAmong(trx, run.tenantId, remote);
      const found: FoundSubscription[] = [];
      for (const { row, remote: each } of ours) {
        if (!row.imported) await noteRemote(trx, row.id, each);
        const isVerifiable = () =>
          canOpen(trx, deps.box, row.signing_key_id, { tenantId: run.tenantId, purpose: 'signing_key' });
        found.push({
          subscriptionId: row.id,
          uri: each.uri,
          fits: fits({ ...webhooks, publicUrl: deps.publicUrl }, grant, row, each) && (await isVerifiable()),
        });
      }
      return {
        type: 'subscriptions.listed',
        generation,
        found,
        wanted: { scope: webhooks.scope, events: [...webhooks.events], pollingMinutes, watchMinutes },
      };
    },
  };
};

const unlisted: Omit<Failure, 'exchangeId'> = {
  kind: 'invalid',
  code: 'request_refused',
  message: 'Calendly refuses to list the webhooks of this user and organization.',
  certain: true,
  retryAfterSeconds: 0,
};

/** The wanted scope, and any other that one of our rows in this organization was created with. */
async function listings(
  { db }: EffectDeps,
  webhooks: WantedWebhooks,
  tenantId: string,
  grant: GrantRow,
): Promise<Listed[]> {
  const organization = grant.organization_uri ?? '';
  const user = grant.account_uri ?? '';
  const rows = await db
    .selectFrom('subscription')
    .select('scope')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where('status', '!=', 'deleted')
    .where('organization_uri', '=', organization)
    .execute();
  return [
    ...new Set([
      webhooks.scope,
      ...(webhooks.fallback ? [webhooks.fallback.scope] : []),
      ...rows.map((row) => row.scope),
    ]),
  ].map((scope) => ({ organization, user, scope }));
}
