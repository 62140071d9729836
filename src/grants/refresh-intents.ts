import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Refusal } from '../../machines/connection/index.ts';
import type { CalendlyClient } from '../calendly/client.ts';
import type { Database } from '../db/database.ts';
import { clientOfGrant } from './client-of-grant.ts';
import { readRefreshToken, type GrantRow } from './grant-rows.ts';
import type { SealedBox } from './sealed-box.ts';

/**
 * An intent without an answer is in doubt for this long: 5 s until the call leaves, 60 s for the call, the rest for the save.
 * Only then may the token be presented once more.
 */
export const DOUBT_MS = 90_000;

export type Presentation =
  /** The intent is committed with the transaction. `secondTry`: an earlier presentation of this token got no answer. */
  | {
      kind: 'presented';
      /** To whom alone the token is presented. */
      client: CalendlyClient;
      intentId: string;
      refreshTokenId: string;
      refreshToken: string;
      secondTry: boolean;
    }
  | { kind: 'fresh'; grant: GrantRow }
  /** Another presentation is under way, or in doubt until then. */
  | { kind: 'busy'; until: Date }
  | { kind: 'lost' }
  /** The tokens are wiped, or they are being revoked. */
  | { kind: 'wiped' }
  /** It belongs to no client that is configured. */
  | { kind: 'foreign'; problem: Refusal }
  /** Calendly has asked for no refresh until then (`Retry-After`). */
  | { kind: 'tooEarly'; until: Date };

/**
 * Stores that this instance is about to present the grant's refresh token. The row lock and a unique index (one open intent for each grant)
 * prevent two presentations at the same time.
 */
export async function intendRefresh(
  trx: Transaction<Database>,
  box: SealedBox,
  clients: readonly CalendlyClient[],
  { grantId, notBefore, instance, now: clock }: { grantId: string; notBefore: Date; instance: string; now(): Date },
): Promise<Presentation> {
  const grant = await trx
    .selectFrom('oauth_grant')
    .selectAll()
    .where('id', '=', grantId)
    .forUpdate()
    .executeTakeFirst();
  // The time of doubt starts here, after the wait for the lock.
  const now = clock();
  if (grant?.refresh_token_id == null || grant.revoking_at !== null) return { kind: 'wiped' };
  const found = clientOfGrant(clients, grant);
  if ('problem' in found) return { kind: 'foreign', problem: found.problem };
  if (grant.lost_at !== null) return { kind: 'lost' };
  if (grant.refreshed_at >= notBefore && grant.access_rejected_at === null) return { kind: 'fresh', grant };

  if (grant.refresh_not_before !== null && grant.refresh_not_before > now)
    return { kind: 'tooEarly', until: grant.refresh_not_before };

  const open = await trx
    .selectFrom('refresh_intent')
    .selectAll()
    .where('grant_id', '=', grantId)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  if (open) {
    const until = new Date(open.started_at.getTime() + DOUBT_MS);
    if (now < until) return { kind: 'busy', until };
    await closeIntent(trx, open.id, 'in_doubt', now);
  }
  const earlier = await trx
    .selectFrom('refresh_intent')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('grant_id', '=', grantId)
    .where('refresh_token_id', '=', grant.refresh_token_id)
    .where('outcome', '=', 'in_doubt')
    .executeTakeFirstOrThrow();
  const intentId = randomUUID();
  await trx
    .insertInto('refresh_intent')
    .values({
      id: intentId,
      tenant_id: grant.tenant_id,
      grant_id: grantId,
      refresh_token_id: grant.refresh_token_id,
      attempt: Number(earlier.count) + 1,
      instance,
      started_at: now,
    })
    .execute();
  const refreshToken = await readRefreshToken(trx, box, grant);
  return {
    kind: 'presented',
    client: found.client,
    intentId,
    refreshTokenId: grant.refresh_token_id,
    refreshToken: refreshToken ?? '',
    secondTry: Number(earlier.count) > 0,
  };
}

/** `outcome`: refreshed · invalid_grant · in_doubt · given_up (never sent) · a failure code. Only the first outcome is stored. */
export async function closeIntent(db: Kysely<Database>, intentId: string, outcome: string, now: Date): Promise<void> {
  await db
    .updateTable('refresh_intent')
    .set({ answered_at: now, outcome })
    .where('id', '=', intentId)
    .where('answered_at', 'is', null)
    .execute();
}

/** Notes a failed refresh that says nothing about the grant. The next refresh waits, at least as long as Calendly asked for. */
export async function noteFailedRefresh(
  trx: Transaction<Database>,
  {
    grantId,
    intentId,
    outcome,
    retryAfterSeconds,
    now,
  }: { grantId: string; intentId: string; outcome: string; retryAfterSeconds: number; now: Date },
): Promise<void> {
  await countFailedRefresh(trx, grantId, now, retryAfterSeconds);
  await closeIntent(trx, intentId, outcome, now);
}

/** Counts the failure, and returns the earliest time of the next refresh. An intent in doubt stays open until then. */
export async function countFailedRefresh(
  db: Kysely<Database>,
  grantId: string,
  now: Date,
  retryAfterSeconds = 0,
): Promise<void> {
  await db
    .updateTable('oauth_grant')
    .set({
      refresh_failures: sql`refresh_failures + 1`,
      refresh_failed_at: now,
      refresh_not_before: retryAfterSeconds === 0 ? null : new Date(now.getTime() + retryAfterSeconds * 1000),
    })
    .where('id', '=', grantId)
    .execute();
}

const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 60_000;

/** Seconds until a reader of tokens may cause another refresh; 0: now. */
export function pauseBeforeRefresh(
  {
    refresh_failures: failures,
    refresh_failed_at: failedAt,
    refresh_not_before: notBefore,
  }: Pick<GrantRow, 'refresh_failures' | 'refresh_failed_at' | 'refresh_not_before'>,
  now: Date,
): number {
  const backOff =
    failedAt === null
      ? 0
      : failedAt.getTime() + Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(20, failures - 1));
  return Math.max(0, backOff - now.getTime(), (notBefore?.getTime() ?? 0) - now.getTime());
}

/** Until when the presentation that is under way may still bring tokens; null if there is none. */
export async function openIntentUntil(db: Kysely<Database>, grantId: string): Promise<Date | null> {
  const open = await db
    .selectFrom('refresh_intent')
    .select('started_at')
    .where('grant_id', '=', grantId)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return open ? new Date(open.started_at.getTime() + DOUBT_MS) : null;
}
