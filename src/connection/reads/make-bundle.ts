import type { Kysely } from 'kysely';
import { listHistory } from './list-history.ts';
import { toStored } from '../dispatch/snapshot.ts';
import type { Database } from '../../db/database.ts';
import { listDeliveries } from '../../deliveries/list-deliveries.ts';
import { listExchanges } from '../../exchanges/list-exchanges.ts';
import type { Asking } from './read-facts.ts';
import { readTenant } from './read-tenant.ts';
import { BUNDLE_FORMAT, BUNDLE_VERSION, MOST_ROWS, type Bundle } from './bundle.ts';

export async function makeBundle(
  db: Kysely<Database>,
  tenantId: string,
  { exportedBy, bases, ...asking }: Asking & { exportedBy: string; bases: Bundle['bases'] },
): Promise<Bundle> {
  const { view, snapshot, timers, diagnosis } = await readTenant(db, tenantId, asking);
  const history = await listHistory(db, tenantId, { limit: MOST_ROWS.history });
  const exchanges = await listExchanges(db, tenantId, { limit: MOST_ROWS.exchanges });
  const deliveries = await listDeliveries(db, tenantId, { limit: MOST_ROWS.deliveries });
  const effects = await db
    .selectFrom('effect')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at', 'desc')
    .limit(MOST_ROWS.effects)
    .execute();
  const bundle = {
    format: BUNDLE_FORMAT,
    formatVersion: BUNDLE_VERSION,
    exportedAt: asking.now.toISOString(),
    exportedBy,
    cut: history.nextCursor !== null || exchanges.nextCursor !== null || effects.length === MOST_ROWS.effects,
    bases,
    connection: view,
    diagnosis,
    snapshot: toStored(snapshot),
    timers: timers.map(({ name, dueAt, event }) => ({ name, dueAt: dueAt.toISOString(), event })),
    history: history.items,
    effects: effects.map((row) => ({
      id: row.id,
      type: row.type,
      params: row.params,
      runs: row.runs,
      createdAt: row.created_at.toISOString(),
      answeredAt: row.answered_at?.toISOString() ?? null,
      answer: row.answer,
    })),
    exchanges: exchanges.items,
    deliveries: deliveries.items,
  };
  return JSON.parse(JSON.stringify(bundle)) as Bundle;
}
