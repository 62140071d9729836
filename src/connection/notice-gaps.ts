import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { dispatch, TenantUnknownError } from './dispatch.ts';
import type { DispatchDeps } from './dispatch-deps.ts';

/** Longer than any restart: Calendly repeats deliveries by itself, but nobody knows its schedule. */
const GAP_MS = 2 * 60 * 1000;

/**
 * Says that the service is running. If nobody had said so for a while, no instance was there to take deliveries: every
 * tenant's meetings are fetched again, one tenant after the other.
 */
export async function noticeGap(db: Kysely<Database>, deps: DispatchDeps): Promise<number> {
  const now = deps.now();
  const since = await db.transaction().execute(async (trx) => {
    const last = await trx.selectFrom('service_run').select('last_seen_at').forUpdate().executeTakeFirst();
    await trx.insertInto('service_run').values({ last_seen_at: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ last_seen_at: sql`greatest(service_run.last_seen_at, excluded.last_seen_at)` })).execute();
    return last && now.getTime() - last.last_seen_at.getTime() > GAP_MS ? last.last_seen_at : null;
  });
  if (since === null) return 0;
  const tenants = await db.selectFrom('connection').select('tenant_id').where('account_uri', 'is not', null).orderBy('tenant_id').execute();
  for (const { tenant_id: tenantId } of tenants) {
    try {
      await db.transaction().execute((trx) => dispatch(trx, deps, tenantId, { type: 'gap.noticed', since: since.toISOString() }, { kind: 'timer', name: 'gap' }));
    } catch (error) {
      // Erased while we were at it.
      if (!(error instanceof TenantUnknownError)) throw error;
    }
  }
  return tenants.length;
}
