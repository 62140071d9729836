import { inTenantTransaction } from '../connection/dispatch/in-tenant-transaction.ts';
import { sql, type Kysely } from 'kysely';
import { MACHINE_VERSION, SnapshotVersionError } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import { dispatch, TenantUnknownError } from '../connection/dispatch/dispatch.ts';
import type { DispatchDeps } from '../connection/dispatch/dispatch-deps.ts';

/** Longer than a restart takes. Calendly repeats deliveries, but its schedule is not documented. */
const GAP_MS = 2 * 60 * 1000;
const HOUR_SECONDS = 60 * 60;
/** What is left is noticed at the next sweep. */
const MOST_AT_ONCE = 500;

/**
 * Asks for the meetings of every tenant who may have missed some: if no instance was running for a while, of all of them
 * (`gap.noticed`); else of those whose last back-fill is `everyHours` ago, or as many hours as their own settings say
 * (`backfill.overdue`), because nothing else shows that
 * Calendly never sent a delivery.
 * A kill in the middle loses nothing: a tenant is due until asked. Returns how many were.
 */
export async function noticeGaps(db: Kysely<Database>, deps: DispatchDeps, everyHours: number): Promise<number> {
  const now = deps.now();
  await noteRunning(db, now);
  const due = await db
    .selectFrom('connection')
    .innerJoin('service_run', (join) => join.onTrue())
    .leftJoin('tenant_settings', 'tenant_settings.tenant_id', 'connection.tenant_id')
    .select(['connection.tenant_id', 'backfill_asked_at', 'gap_since', 'gap_until'])
    .where('account_uri', 'is not', null)
    // Snapshots of a newer release are left to its instances.
    .where('machine_version', '<=', MACHINE_VERSION)
    // A lost grant cannot call Calendly. A reconnect starts a back-fill.
    .where(sql<boolean>`snapshot->'context'->'grant'->>'lost' = 'false'`)
    .where(
      'backfill_asked_at',
      '<',
      sql<Date>`greatest(service_run.gap_until, ${now}::timestamptz - ${spread(everyHours)})`,
    )
    .orderBy('backfill_asked_at')
    .limit(MOST_AT_ONCE)
    .execute();
  const failures: unknown[] = [];
  for (const { tenant_id: tenantId, backfill_asked_at: asked, gap_since: gapSince, gap_until: gapUntil } of due) {
    const isGap = gapSince !== null && gapUntil !== null && asked! < gapUntil;
    const event = isGap
      ? ({ type: 'gap.noticed', since: gapSince.toISOString() } as const)
      : ({ type: 'backfill.overdue', since: asked!.toISOString() } as const);
    try {
      await inTenantTransaction({ ...deps, db }, tenantId, async (trx) => {
        await dispatch(trx, deps, tenantId, event, { kind: 'timer', name: 'gap' });
        // Written also if a run under way already does it, so that the next sweep does not ask again.
        await trx.updateTable('connection').set({ backfill_asked_at: now }).where('tenant_id', '=', tenantId).execute();
      });
    } catch (error) {
      // The tenant was erased, or a newer release has written its snapshot meanwhile.
      if (error instanceof TenantUnknownError || error instanceof SnapshotVersionError) continue;
      // If one tenant's row is locked, go on with the next tenant. This one is due again at the next look.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.at(-1);
  return due.length;
}

/** Notes that the service is running, and the last time in which no instance had noted it. */
async function noteRunning(db: Kysely<Database>, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const last = await trx.selectFrom('service_run').select('last_seen_at').forUpdate().executeTakeFirst();
    const isGap = last !== undefined && now.getTime() - last.last_seen_at.getTime() > GAP_MS;
    await trx
      .insertInto('service_run')
      .values({ last_seen_at: now })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({
          last_seen_at: sql`greatest(service_run.last_seen_at, excluded.last_seen_at)`,
          ...(isGap ? { gap_since: last.last_seen_at, gap_until: now } : {}),
        }),
      )
      .execute();
  });
}

/** 80–120 % of the hours, always the same for a tenant, so that not all tenants are due at the same time. */
const spread = (hours: number) =>
  sql`make_interval(secs => coalesce(tenant_settings.backfill_hours, ${hours}) * ${HOUR_SECONDS} *
    (0.8 + 0.4 * abs(hashtext(connection.tenant_id) % 1000) / 1000.0))`;
