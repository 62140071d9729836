import { sql, type Kysely, type Transaction } from 'kysely';
import type { EffectParams } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import type { GrantDeps } from '../grants/grant-run.ts';

export type BackfillReason = EffectParams<'backfillMeetings'>['reason'];

export interface Run {
  tenantId: string;
  run: number;
}

export interface Progress {
  /** Start time of the last event that was read. */
  position: string | null;
  windowFrom: Date;
  startedAt: Date;
  /** How often in a row the run stopped at an event before it had read any. */
  stalled: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Makes the run's row, or finds it if the run goes on. Gives `superseded` if the tenant has begun a later run. A run reads events that
 * begin after `pastDays` ago. If the account's last complete run is longer ago, it reads events since then, because changes may have been
 * missed.
 */
export async function openBackfill(
  { db, now }: GrantDeps,
  { tenantId, run, grantId, reason, pastDays }: Run & { grantId: string; reason: BackfillReason; pastDays: number },
): Promise<Progress | 'superseded'> {
  const usual = new Date(now().getTime() - pastDays * DAY_MS);
  const last = await db
    .selectFrom('backfill')
    .innerJoin('oauth_grant as former', 'former.id', 'backfill.grant_id')
    .innerJoin('oauth_grant as present', (join) =>
      join.onRef('present.account_uri', '=', 'former.account_uri').on('present.id', '=', grantId),
    )
    .select('backfill.started_at')
    .where('backfill.tenant_id', '=', tenantId)
    .where('backfill.finished_at', 'is not', null)
    .where('backfill.reason', '!=', 'skipped')
    .orderBy('backfill.run', 'desc')
    .limit(1)
    .executeTakeFirst();
  const missedSince = last === undefined ? usual : new Date(last.started_at.getTime() - DAY_MS);
  await db
    .insertInto('backfill')
    .values({
      tenant_id: tenantId,
      run,
      grant_id: grantId,
      reason,
      window_from: missedSince < usual ? missedSince : usual,
      started_at: now(),
      updated_at: now(),
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'run']).doNothing())
    .execute();
  const latest = await db
    .selectFrom('backfill')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('run', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  if (latest.run !== run) return 'superseded';
  return {
    position: latest.position,
    windowFrom: latest.window_from,
    startedAt: latest.started_at,
    stalled: latest.stalled,
  };
}

/**
 * Returns true if this is still the tenant's run and account, and keeps it so until the transaction ends. So no meeting of a former account
 * is merged, and a run that a newer one has replaced ends at its next event.
 */
export async function holdRun(
  trx: Transaction<Database>,
  { tenantId, run }: Run,
  accountUri: string,
): Promise<boolean> {
  const row = await trx
    .selectFrom('connection')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where(sql<boolean>`(snapshot->'context'->'backfill'->>'run')::int = ${run}`)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

/** Returns those of these events that this run has finished: they were merged, are gone, or were left out. */
export async function doneAmong(db: Kysely<Database>, { tenantId, run }: Run, uris: string[]): Promise<Set<string>> {
  if (uris.length === 0) return new Set();
  const rows = await db
    .selectFrom('backfill_event')
    .select('event_uri')
    .where('tenant_id', '=', tenantId)
    .where('run', '=', run)
    .where('event_uri', 'in', uris)
    .execute();
  return new Set(rows.map((row) => row.event_uri));
}

export async function noteProgress(
  trx: Transaction<Database>,
  { now }: GrantDeps,
  {
    tenantId,
    run,
    event,
    meetings,
    recovered,
  }: Run & { event: { uri: string; startTime: string | null } | null; meetings: number; recovered: number },
): Promise<void> {
  const position = event?.startTime ?? null;
  await trx
    .updateTable('backfill')
    .set({
      events: sql`events + ${event === null ? 0 : 1}`,
      meetings: sql`meetings + ${meetings}`,
      recovered: sql`recovered + ${recovered}`,
      ...(event === null ? {} : { stalled: 0 }),
      ...(position === null ? {} : { position }),
      updated_at: now(),
    })
    .where('tenant_id', '=', tenantId)
    .where('run', '=', run)
    .execute();
  if (event !== null) await markDone(trx, { tenantId, run }, event.uri);
}

async function markDone(trx: Kysely<Database>, { tenantId, run }: Run, uri: string): Promise<void> {
  await trx
    .insertInto('backfill_event')
    .values({ tenant_id: tenantId, run, event_uri: uri })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Counts a run that stopped at an event before it had read any. */
export async function noteStalled({ db, now }: GrantDeps, { tenantId, run }: Run): Promise<void> {
  await db
    .updateTable('backfill')
    .set({ stalled: sql`stalled + 1`, updated_at: now() })
    .where('tenant_id', '=', tenantId)
    .where('run', '=', run)
    .execute();
}

/** Notes that an event is left out of this run. */
export async function noteSkipped(
  { db, now }: GrantDeps,
  { tenantId, run }: Run,
  event: { uri: string; startTime: string | null },
): Promise<void> {
  await db
    .updateTable('backfill')
    .set({
      skipped: sql`skipped + 1`,
      updated_at: now(),
      ...(event.startTime === null ? {} : { position: event.startTime }),
    })
    .where('tenant_id', '=', tenantId)
    .where('run', '=', run)
    .execute();
  await markDone(db, { tenantId, run }, event.uri);
}

export async function finishBackfill(
  trx: Transaction<Database>,
  { now }: GrantDeps,
  { tenantId, run }: Run,
): Promise<{ meetings: number; recovered: number }> {
  await trx.deleteFrom('backfill_event').where('tenant_id', '=', tenantId).where('run', '<=', run).execute();
  return trx
    .updateTable('backfill')
    .set({ finished_at: now(), updated_at: now() })
    .where('tenant_id', '=', tenantId)
    .where('run', '=', run)
    .returning(['meetings', 'recovered'])
    .executeTakeFirstOrThrow();
}
