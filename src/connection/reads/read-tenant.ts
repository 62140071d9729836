import type { Kysely } from 'kysely';
import { acceptedCommands, readSnapshot } from './accepted-commands.ts';
import type { ConnectionSnapshot } from '../dispatch/snapshot.ts';
import { viewConnection, type ConnectionView } from './view-connection.ts';
import type { Database } from '../../db/database.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { ProblemError } from '../../errors.ts';
import { readJobs, type Job } from '../../jobs/live-jobs.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE } from '../../jobs/queues.ts';
import { readFacts, type Asking } from './read-facts.ts';
import { MOST_COUNTED } from '../../host-events/count-outgoing.ts';
import { countRecentWarnings } from '../../host-events/read-warnings.ts';

export interface TimerRow {
  name: string;
  dueAt: Date;
  event: { type: string };
  /** Id of the job that will run it; null if there is none, and then the sweep makes a new one. */
  job: string | null;
}
export interface OpenEffect {
  id: string;
  type: string;
  runs: number;
  createdAt: Date;
  job: Job | null;
}
export interface OpenDebt {
  id: string;
  kind: string;
  status: string;
  attempts: number;
  accountUri: string | null;
  remoteId: string | null;
  createdAt: Date;
  problem: { code: string; message: string; exchangeId: string | null } | null;
}
export interface Tenant {
  diagnosis: Diagnosis;
  view: ConnectionView;
  snapshot: ConnectionSnapshot;
  accepted: string[];
  timers: TimerRow[];
  effects: OpenEffect[];
  debts: OpenDebt[];
  /** Of the latest, so that many are not all read for a number. */
  meetings: { total: number; recovered: number };
  /** In the last day. */
  recentWarnings: number;
  eraseRequestedAt: Date | null;
}

export async function readTenant(db: Kysely<Database>, tenantId: string, asking: Asking): Promise<Tenant> {
  const { now } = asking;
  const view = await viewConnection(db, tenantId);
  const stored = await readSnapshot(db, tenantId);
  const [facts] = await readFacts(db, [tenantId], asking);
  const row = await db
    .selectFrom('connection')
    .select('erase_requested_at')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  // Each of them can be missing, because the tenant may be erased between two reads.
  if (view === undefined || stored === undefined || facts === undefined || row === undefined)
    throw new ProblemError('tenant_unknown');
  return {
    view,
    eraseRequestedAt: row.erase_requested_at,
    diagnosis: diagnose(facts),
    snapshot: stored.snapshot,
    accepted: acceptedCommands(stored.snapshot, now),
    timers: await readTimers(db, tenantId),
    effects: await readOpenEffects(db, tenantId),
    debts: await readDebts(db, tenantId),
    recentWarnings: (await countRecentWarnings(db, [tenantId], now)).get(tenantId) ?? 0,
    meetings: await countMeetings(db, tenantId, view.account?.uri ?? ''),
  };
}

async function readTimers(db: Kysely<Database>, tenantId: string): Promise<TimerRow[]> {
  const timers = await db
    .selectFrom('timer')
    .select(['name', 'due_at', 'event', 'claimed_until', 'failures'])
    .where('tenant_id', '=', tenantId)
    .orderBy('due_at')
    .orderBy('name')
    .execute();
  return timers.map((timer) => ({
    name: timer.name,
    dueAt: timer.due_at,
    event: timer.event as { type: string },
    job: timer.claimed_until === null ? 'created' : timer.failures > 0 ? 'retry' : 'active',
  }));
}

async function readOpenEffects(db: Kysely<Database>, tenantId: string): Promise<OpenEffect[]> {
  const effects = await db
    .selectFrom('effect')
    .select(['id', 'type', 'runs', 'created_at', 'job_id'])
    .where('tenant_id', '=', tenantId)
    .where('answered_at', 'is', null)
    .orderBy('created_at')
    .execute();
  const jobs = await readJobs(
    db,
    [EFFECTS_QUEUE, BACKFILLS_QUEUE],
    effects.map((effect) => effect.job_id),
  );
  return effects.map((effect) => ({
    id: effect.id,
    type: effect.type,
    runs: effect.runs,
    createdAt: effect.created_at,
    job: jobs.get(effect.job_id) ?? null,
  }));
}

async function readDebts(db: Kysely<Database>, tenantId: string): Promise<OpenDebt[]> {
  const rows = await db
    .selectFrom('debt')
    .leftJoin('subscription', 'subscription.id', 'debt.subscription_id')
    .select([
      'debt.id',
      'debt.kind',
      'debt.status',
      'debt.attempts',
      'debt.account_uri',
      'debt.created_at',
      'debt.last_error',
      'debt.grant_id',
      'subscription.uri',
      'subscription.callback_url',
    ])
    .where('debt.tenant_id', '=', tenantId)
    .where('debt.settled_at', 'is', null)
    .orderBy('debt.created_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    status: row.status,
    attempts: row.attempts,
    accountUri: row.account_uri,
    createdAt: row.created_at,
    remoteId: row.kind === 'subscription' ? (row.uri ?? row.callback_url) : row.grant_id,
    problem: row.last_error as unknown as OpenDebt['problem'],
  }));
}

/** Of the latest `MOST_COUNTED`. `recovered`: those that no delivery brought, but a back-fill or a poll. */
async function countMeetings(db: Kysely<Database>, tenantId: string, accountUri: string): Promise<Tenant['meetings']> {
  const row = await db
    .selectFrom((inner) =>
      inner
        .selectFrom('meeting')
        .select('source')
        .where('tenant_id', '=', tenantId)
        .where('account_uri', '=', accountUri)
        .orderBy('listed_start', 'desc')
        .limit(MOST_COUNTED)
        .as('counted'),
    )
    .select(({ fn }) => [
      fn.countAll<number>().as('total'),
      fn.countAll<number>().filterWhere('source', '!=', 'webhook').as('recovered'),
    ])
    .executeTakeFirstOrThrow();
  return { total: Number(row.total), recovered: Number(row.recovered) };
}
