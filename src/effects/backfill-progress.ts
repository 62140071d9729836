import { sql, type Transaction } from 'kysely';
import type { EffectParams } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import type { EffectDeps } from './effect.ts';

export type BackfillReason = EffectParams<'backfillMeetings'>['reason'];

interface Run {
  tenantId: string;
  run: number;
}

/** The run's row, made when it starts; `superseded` when the tenant has begun a later one. */
export async function openBackfill({ db, now }: EffectDeps, { tenantId, run, grantId, reason, windowFrom }:
  Run & { grantId: string; reason: BackfillReason; windowFrom: Date }): Promise<{ position: string | null; windowFrom: Date } | 'superseded'> {
  await db.insertInto('backfill').values({
    tenant_id: tenantId, run, grant_id: grantId, reason, window_from: windowFrom, started_at: now(), updated_at: now(),
  }).onConflict((conflict) => conflict.columns(['tenant_id', 'run']).doNothing()).execute();
  const latest = await db.selectFrom('backfill').selectAll().where('tenant_id', '=', tenantId).orderBy('run', 'desc').limit(1).executeTakeFirstOrThrow();
  return latest.run === run ? { position: latest.position, windowFrom: latest.window_from } : 'superseded';
}

/** True while the account is the tenant's; until the transaction ends it stays so, and what is merged is not a former account's. */
export async function holdAccount(trx: Transaction<Database>, tenantId: string, accountUri: string): Promise<boolean> {
  const row = await trx.selectFrom('connection').select('tenant_id').where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri).forKeyShare().executeTakeFirst();
  return row !== undefined;
}

export async function noteProgress(trx: Transaction<Database>, { now }: EffectDeps, { tenantId, run, events, meetings, recovered, position }:
  Run & { events: number; meetings: number; recovered: number; position: string | null }): Promise<void> {
  await trx.updateTable('backfill').set({
    events: sql`events + ${events}`,
    meetings: sql`meetings + ${meetings}`,
    recovered: sql`recovered + ${recovered}`,
    ...(position === null ? {} : { position }),
    updated_at: now(),
  }).where('tenant_id', '=', tenantId).where('run', '=', run).execute();
}

export async function finishBackfill(trx: Transaction<Database>, { now }: EffectDeps, tenantId: string, run: number): Promise<{ meetings: number; recovered: number }> {
  return trx.updateTable('backfill').set({ finished_at: now(), updated_at: now() })
    .where('tenant_id', '=', tenantId).where('run', '=', run).returning(['meetings', 'recovered']).executeTakeFirstOrThrow();
}
