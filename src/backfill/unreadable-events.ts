import { sql, type Kysely } from 'kysely';
import type { Failure } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import type { GrantDeps } from '../grants/grant-run.ts';

/** Events that Calendly cannot show are tried again after 2 minutes, 4, 8 … up to 6 hours. */
const FIRST_MS = 2 * 60_000;
const MOST_MS = 6 * 3_600_000;
const MOST_AT_ONCE = 100;
const MOST_TRIES = 30;

interface Owner {
  tenantId: string;
  accountUri: string;
}

export async function noteUnreadable(
  { db, now }: GrantDeps,
  { tenantId, accountUri }: Owner,
  uri: string,
  { code }: Failure,
): Promise<void> {
  const at = now();
  await db
    .insertInto('unreadable_event')
    .values({
      tenant_id: tenantId,
      account_uri: accountUri,
      event_uri: uri,
      code,
      tries: 1,
      first_at: at,
      next_at: new Date(at.getTime() + FIRST_MS),
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'account_uri', 'event_uri']).doUpdateSet({
        code,
        tries: sql`unreadable_event.tries + 1`,
        next_at: sql<Date>`${at}::timestamptz + least(${MOST_MS}, ${FIRST_MS} * power(2, least(unreadable_event.tries, 20))) * interval '1 millisecond'`,
      }),
    )
    .execute();
}

export async function forgetUnreadable(
  db: Kysely<Database>,
  { tenantId, accountUri }: Owner,
  uri: string,
): Promise<void> {
  await db
    .deleteFrom('unreadable_event')
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('event_uri', '=', uri)
    .execute();
}

/** Returns those of these events whose next try is not due yet. */
export async function putOffAmong(
  { db, now }: GrantDeps,
  { tenantId, accountUri }: Owner,
  uris: string[],
): Promise<Set<string>> {
  if (uris.length === 0) return new Set();
  const rows = await db
    .selectFrom('unreadable_event')
    .select('event_uri')
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('event_uri', 'in', uris)
    .where('next_at', '>', now())
    .execute();
  return new Set(rows.map((row) => row.event_uri));
}

/** Counts the account's events that are left out. An event is given up after about a week of tries. */
export async function countUnreadable(trx: Kysely<Database>, { tenantId, accountUri }: Owner): Promise<number> {
  await trx
    .deleteFrom('unreadable_event')
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('tries', '>=', MOST_TRIES)
    .execute();
  const { count } = await trx
    .selectFrom('unreadable_event')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The account's events whose next try is due, the longest due first. */
export async function listUnreadable({ db, now }: GrantDeps, { tenantId, accountUri }: Owner): Promise<string[]> {
  const rows = await db
    .selectFrom('unreadable_event')
    .select('event_uri')
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('next_at', '<=', now())
    .orderBy('next_at')
    .limit(MOST_AT_ONCE)
    .execute();
  return rows.map((row) => row.event_uri);
}
