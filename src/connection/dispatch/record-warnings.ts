import type { Transaction } from 'kysely';
import type { ConnectionContext, ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { recordWarning } from '../../host-events/record-warning.ts';
import { warningsOf } from './warnings-of.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Records the warnings for the host that an accepted event leads to, and whether our own answers may be the cause. */
export async function recordWarnings(
  trx: Transaction<Database>,
  tenantId: string,
  before: ConnectionContext,
  after: ConnectionContext,
  event: ConnectionEvent,
  at: Date,
): Promise<void> {
  for (const { subscriptionId, details, ...warning } of warningsOf(before, after, event)) {
    const causes = subscriptionId === undefined ? {} : { lastDay: await deliveryTroubles(trx, subscriptionId, at) };
    await recordWarning(trx, { tenantId, at, ...warning, details: { ...details, ...causes } });
  }
}

/** Counts deliveries that we refused or answered slowly: the usual reason why Calendly disables a webhook. */
async function deliveryTroubles(
  trx: Transaction<Database>,
  subscriptionId: string,
  at: Date,
): Promise<{ refused: number; slow: number }> {
  const since = new Date(at.getTime() - DAY_MS);
  const { refused } = await trx
    .selectFrom('delivery')
    .select(({ fn }) => fn.countAll<number>().as('refused'))
    .where('subscription_id', '=', subscriptionId)
    .where('received_at', '>', since)
    .where('verdict', 'like', 'refused:%')
    .executeTakeFirstOrThrow();
  const row = await trx
    .selectFrom('subscription')
    .select(['slow_deliveries', 'slow_since'])
    .where('id', '=', subscriptionId)
    .executeTakeFirst();
  return { refused: Number(refused), slow: row?.slow_since && row.slow_since > since ? row.slow_deliveries : 0 };
}
