import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import { STEP_DEADLINE, type TimerEvent } from '../../machines/connection/index.ts';
import { dispatch, TenantUnknownError } from '../connection/dispatch/dispatch.ts';
import { inTenantTransaction } from '../connection/dispatch/in-tenant-transaction.ts';
import type { Database } from '../db/database.ts';
import { traced } from '../tracing/traced.ts';
import type { JobDeps } from './run-effect.ts';
import type { DueTimer } from '../jobs/timer-source.ts';

/** Calendly's code is valid for ten minutes: a step that has not begun by then cannot succeed any more. */
const LONGEST_START_MS = 9 * 60_000;

/** Sends the event of a due timer. If the timer was set again or cancelled meanwhile, it has another id, or no row. */
export async function runTimer(deps: JobDeps, { tenantId, name, id }: DueTimer): Promise<void> {
  try {
    await traced('timer', { parent: null, attributes: { 'tenant.id': tenantId, 'timer.name': name } }, () =>
      inTenantTransaction(deps, tenantId, (trx) =>
        // The connection is locked first, as everywhere. After that, the timer cannot change.
        dispatch(trx, deps, tenantId, () => takeTimer(trx, { tenantId, name, id }, deps.now()), {
          kind: 'timer',
          name,
        }),
      ),
    );
  } catch (error) {
    // The tenant was erased meanwhile, and its timers with it.
    if (!(error instanceof TenantUnknownError)) throw error;
  }
}

/** The event that is due now; null if the timer is gone or was postponed. */
async function takeTimer(
  trx: Transaction<Database>,
  { tenantId, name, id }: DueTimer,
  now: Date,
): Promise<TimerEvent | null> {
  const timer = await trx
    .deleteFrom('timer')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('job_id', '=', id)
    .returning('event')
    .executeTakeFirst();
  if (timer === undefined) return null;
  const event = timer.event as unknown as TimerEvent;
  const later =
    event.type === 'deadline.passed' ? await untilWorkHadItsTime(trx, tenantId, event.generation, now) : null;
  if (later === null) return event;
  await trx
    .insertInto('timer')
    .values({ tenant_id: tenantId, name, job_id: randomUUID(), due_at: later, event: JSON.stringify(event) })
    .execute();
  return null;
}

/**
 * A deadline counts from the beginning of the work. While the effect waits in a queue or has just begun, the deadline is postponed. Returns
 * the new time; null if the deadline has passed.
 */
async function untilWorkHadItsTime(
  trx: Transaction<Database>,
  tenantId: string,
  generation: number,
  now: Date,
): Promise<Date | null> {
  const effect = await stepOf(trx, tenantId, generation);
  if (effect === undefined) return null;
  const until =
    effect.begun_at !== null
      ? effect.begun_at.getTime() + STEP_DEADLINE
      : Math.min(now.getTime() + STEP_DEADLINE, effect.created_at.getTime() + LONGEST_START_MS);
  return until > now.getTime() ? new Date(until) : null;
}

function stepOf(db: Kysely<Database>, tenantId: string, generation: number) {
  return db
    .selectFrom('effect')
    .select(['begun_at', 'created_at'])
    .where('tenant_id', '=', tenantId)
    .where('answered_at', 'is', null)
    .where('type', 'in', ['exchangeCode', 'identifyAccount', 'refreshToken', 'listSubscriptions', 'createSubscription'])
    .where(sql<boolean>`(params->>'generation')::int = ${generation}`)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
