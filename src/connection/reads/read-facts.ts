import { sql, type Kysely } from 'kysely';
import {
  upcast,
  SnapshotVersionError,
  type ConnectionContext,
  type Plain,
} from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import type { FailedCall, Facts } from '../../diagnosis/facts.ts';
import { SHARED_PROBLEMS } from '../../diagnosis/rules/calendly-problems.ts';
import { readSigns, type Signs } from './read-signs.ts';

/** `mayAct`: whether the running instance may act. Without it no instance asks, so what instances have stored is read instead. */
export interface Asking {
  now: Date;
  mayAct?: boolean;
}

/** Beyond this, the exact number does not matter for a diagnosis. */
const MOST_COUNTED = 1_000;
/** Exchanges of a tenant in which a failed call is looked for, the newest first. */
const LATEST_CALLS = 100;

/** Reads all that the diagnoses of these tenants need. A tenant that is not known is left out. */
export async function readFacts(
  db: Kysely<Database>,
  tenantIds: readonly string[],
  { now, mayAct }: Asking,
): Promise<Facts[]> {
  const signs = await readSigns(db, tenantIds, now);
  const contexts = signs.map(contextOf);
  const service = await readService(db, mayAct);
  const answers = await readAnswers(db, contexts);
  const outages = await readOutages(db, contexts);
  const failed = await readFailedCalls(db, contexts);
  return signs.map((row, at) => {
    const context = contexts[at]!;
    const code = context?.problem?.code;
    return {
      tenantId: row.tenant_id,
      now: now.toISOString(),
      place: row.substate === null ? row.state : `${row.state}.${row.substate}`,
      since: row.since.toISOString(),
      unwellSince: text(row.unwell_since),
      version: row.version,
      context,
      eraseRequestedAt: text(row.erase_requested_at),
      service,
      failed: {
        refresh: failed.get(`refresh ${row.tenant_id}`) ?? null,
        backfill: failed.get(`backfill ${row.tenant_id}`) ?? null,
      },
      answer: answers.get(context?.problem?.exchangeId ?? '') ?? null,
      outage: (code !== undefined && outages.get(code)) || null,
      ...factsOf(row),
    };
  });
}

/** What the rows beside the connection say. */
function factsOf(row: Signs): Pick<Facts, 'overdue' | 'refresh' | 'webhook' | 'deliveries' | 'host' | 'run'> {
  const { overdue, refused, unreadable, unapplied, parked, refusing, run } = row;
  return {
    overdue: overdue && { what: overdue.what, dueAt: iso(overdue.at) },
    refresh: {
      openSince: text(row.refresh_open),
      lostAnswerAt: text(row.refresh_lost),
      failedAt: text(row.refresh_failed_at),
    },
    webhook:
      row.subscription_id === null
        ? null
        : {
            lastDeliveryAt: text(row.last_delivery_at),
            slowSince: text(row.slow_since),
            slow: row.slow_deliveries ?? 0,
          },
    deliveries: {
      refused: refused && { count: refused.count, since: iso(refused.since), verdict: refused.last },
      unreadable: unreadable && { count: unreadable.count, since: iso(unreadable.since) },
      unapplied: unapplied && {
        count: unapplied.count,
        since: iso(unapplied.since),
        error: unapplied.error ?? 'no error is stored',
      },
    },
    host: {
      parked: parked && { count: parked.count, since: iso(parked.since), error: says(parked.error) },
      refusing: refusing && { attempts: refusing.attempts, since: iso(refusing.since), error: says(refusing.error) },
    },
    run: run && {
      reason: run.reason,
      updatedAt: iso(run.updated_at),
      finishedAt: run.finished_at === null ? null : iso(run.finished_at),
      recovered: run.recovered,
      skipped: run.skipped,
    },
  };
}

const text = (at: Date | null): string | null => at?.toISOString() ?? null;
const iso = (at: string): string => new Date(at).toISOString();
const says = (error: { code: string; status: number | null } | null): string =>
  error === null ? 'no error is stored' : error.status === null ? error.code : `${error.code} (${error.status})`;

/** Null if a newer release wrote the snapshot. */
function contextOf({ snapshot, machine_version: version }: Signs): ConnectionContext | null {
  try {
    return upcast(snapshot as Plain, version)['context'] as ConnectionContext;
  } catch (error) {
    if (error instanceof SnapshotVersionError) return null;
    throw error;
  }
}

async function readService(db: Kysely<Database>, mayAct: boolean | undefined): Promise<Facts['service']> {
  if (mayAct === undefined) {
    const run = await db.selectFrom('service_run').select('last_seen_at').executeTakeFirst();
    return { lastSeenAt: text(run?.last_seen_at ?? null), otherInstallation: null };
  }
  if (mayAct) return { lastSeenAt: null, otherInstallation: null };
  const other = await db.selectFrom('installation').selectAll().executeTakeFirstOrThrow();
  const otherInstallation = { publicUrl: other.public_url, adoptedAt: other.adopted_at.toISOString() };
  return { lastSeenAt: null, otherInstallation };
}

async function readAnswers(
  db: Kysely<Database>,
  contexts: readonly (ConnectionContext | null)[],
): Promise<Map<string, NonNullable<Facts['answer']>>> {
  const ids = contexts.map((context) => context?.problem?.exchangeId).filter((id) => typeof id === 'string');
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('exchange')
    .select(['id', 'method', 'path', 'status', 'failure'])
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
  return new Map(
    rows.map(({ id, method, path, status, failure }) => [id, { status, failure, path: `${method} ${path}` }]),
  );
}

/** The latest failed calls of tenants whose refreshes or back-fills fail beside their connection, among their newest exchanges. */
async function readFailedCalls(
  db: Kysely<Database>,
  contexts: readonly (ConnectionContext | null)[],
): Promise<Map<string, FailedCall>> {
  const ids = contexts
    .filter((context) => context !== null && (context.refreshFailures > 0 || context.backfill.failures > 0))
    .map((context) => context!.tenantId);
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{
    tenant_id: string;
    kind: string;
    id: string;
    started_at: Date;
    method: string;
    path: string;
    status: number | null;
    failure: string | null;
  }>`
    select distinct on (tenant.id, kind) tenant.id as tenant_id, call.*
    from unnest(${ids}::text[]) as tenant(id), lateral (
      select case when path = '/oauth/token' then 'refresh' else 'backfill' end as kind, id, started_at, method, path, status, failure
      from (select * from exchange where tenant_id = tenant.id order by started_at desc, id desc limit ${LATEST_CALLS}) as latest
      where (path = '/oauth/token' or effect = 'backfillMeetings') and (status is null or status >= 300)
    ) as call
    order by tenant.id, kind, call.started_at desc`.execute(db);
  return new Map(
    rows.map(({ tenant_id: tenantId, kind, id, started_at: at, method, path, status, failure }) => [
      `${kind} ${tenantId}`,
      { exchangeId: id, at: at.toISOString(), status, failure, path: `${method} ${path}` },
    ]),
  );
}

/** How many tenants each of these problems keeps from connecting now, and since when: asked only where somebody has one of them. */
async function readOutages(
  db: Kysely<Database>,
  contexts: readonly (ConnectionContext | null)[],
): Promise<Map<string, NonNullable<Facts['outage']>>> {
  const isShared = (context: ConnectionContext | null) => SHARED_PROBLEMS.includes(context?.problem?.code ?? '');
  if (!contexts.some(isShared)) return new Map();
  const { rows } = await sql<{ code: string; tenants: string; since: Date }>`
    select code, count(*) as tenants, min(since) as since from (
      select snapshot->'context'->'problem'->>'code' as code, coalesce(unwell_since, since) as since from connection
      where state = 'error' and substate = 'retrying' limit ${MOST_COUNTED}
    ) as stuck where code is not null group by code`.execute(db);
  return new Map(
    rows.map(({ code, tenants, since }) => [code, { tenants: Number(tenants), since: since.toISOString() }]),
  );
}
