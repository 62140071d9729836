import { sql, type Kysely } from 'kysely';
import { isDatabaseFailure } from '../db/database-failure.ts';
import type { Database } from '../db/database.ts';
import { applyDeliveries, type AppliedDelivery } from './apply-deliveries.ts';
import { claimDeliveries, MOST_BYTES, tenantsInTurn } from './claim-deliveries.ts';
import type { LastDelivery } from './note-last-deliveries.ts';

export interface Projection {
  applied: readonly AppliedDelivery[];
  /** Applying them failed; they are tried again later. */
  failed: readonly { id: number; error: unknown }[];
  /** Times that could not be written yet, because somebody else holds the rows. */
  unnoted: readonly LastDelivery[];
  /** There may be more to do at once. */
  isFull: boolean;
  /** Where the next batch goes on with its turn among the tenants; undefined where there is no more than a batch takes. */
  turnAfter: string | undefined;
}

const MOST_AT_ONCE = 200;
/** Nobody else's rows are waited for longer than this: what is locked is tried again, and the others go on. */
const LOCK_MS = 200;
const LONGEST_PAUSE_SECONDS = 600;

/**
 * Applies stored deliveries that are due, a batch in one transaction. A batch that fails is tried again in halves until the guilty
 * delivery is alone; that one is tried again later, and costs nobody else anything. A lost database throws.
 */
export async function projectDeliveries(
  db: Kysely<Database>,
  { most = MOST_AT_ONCE, turnAfter }: { most?: number; turnAfter?: string | undefined } = {},
): Promise<Projection> {
  const applied: AppliedDelivery[] = [];
  const unnoted: LastDelivery[] = [];
  const failed: { id: number; error: unknown }[] = [];
  let isCut = false;
  let through = '';
  const attempt = async (among?: readonly number[]): Promise<void> => {
    let ids: number[] = [];
    try {
      const done = await db.transaction().execute(async (trx) => {
        await sql`select set_config('lock_timeout', ${`${LOCK_MS}ms`}, true)`.execute(trx);
        const turn = among === undefined && turnAfter !== undefined ? await tenantsInTurn(trx, turnAfter) : undefined;
        through = turn?.through ?? through;
        const claimed = await claimDeliveries(trx, { most, among, turn: turn?.tenants });
        ids = claimed.map(({ id }) => id);
        isCut ||= claimed.length === most || claimed.reduce((bytes, { body }) => bytes + body.length, 0) >= MOST_BYTES;
        return claimed.length === 0 ? null : applyDeliveries(trx, claimed);
      });
      applied.push(...(done?.applied ?? []));
      unnoted.push(...(done?.unnoted ?? []));
    } catch (error) {
      if (ids.length === 0 || isOfTheConnection(error)) throw error;
      if (ids.length === 1) {
        await noteFailure(db, ids[0]!, error);
        failed.push({ id: ids[0]!, error });
        return;
      }
      const half = ids.length >> 1;
      await attempt(ids.slice(0, half));
      await attempt(ids.slice(half));
    }
  };
  await attempt();
  const isFull = isCut && applied.length + failed.length > 0;
  return { applied, failed, unnoted, isFull, turnAfter: isCut ? through : undefined };
}

/** 1 s, 2 s, 4 s … by the database's clock. Of the error only its kind is kept: its text may quote what people wrote. */
async function noteFailure(db: Kysely<Database>, id: number, error: unknown): Promise<void> {
  await sql`
    update delivery set attempts = attempts + 1, last_error = ${kindOf(error)},
      next_attempt_at = clock_timestamp() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, power(2, least(attempts, 20))))
    where id = ${id} and verdict = 'received'`.execute(db);
}

function kindOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return (typeof code === 'string' ? `database error ${code}` : typeof name === 'string' ? name : 'unknown').slice(
    0,
    100,
  );
}

/** Classes of SQLSTATE that say nothing about the statement: connections, shutdowns, logins, a server that only reads, no room left. */
const OF_THE_CONNECTION = /^(08|25|28|3D|53|57P)/;

/** True where every other delivery would fail as well: no SQLSTATE, so the line to the database; or one that is not about the statement. */
function isOfTheConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    isDatabaseFailure(error) &&
    (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || OF_THE_CONNECTION.test(code))
  );
}
