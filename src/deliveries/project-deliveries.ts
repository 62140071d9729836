import { sql, type Kysely } from 'kysely';
import { isDatabaseFailure } from '../db/database-failure.ts';
import type { Database } from '../db/database.ts';
import { applyDeliveries, type AppliedDelivery } from './apply-deliveries.ts';
import { claimDeliveries, MOST_BYTES, tenantsInTurn } from './claim-deliveries.ts';
import type { LastDelivery } from './note-deliveries.ts';

export interface Projection {
  applied: readonly AppliedDelivery[];
  /** Deliveries that could not be applied. They are tried again later. */
  failed: readonly { id: number; error: unknown }[];
  /** Times that could not be written yet, because another transaction has locked the rows. */
  unnoted: readonly LastDelivery[];
  /** True if there may be more to do at once. */
  isFull: boolean;
  /** The tenant after which the next batch goes on; undefined if a batch takes everything that waits. */
  turnAfter: string | undefined;
}

const MOST_AT_ONCE = 200;
/** The longest wait for locked rows. Deliveries that need them are tried again later; the others go on. */
const LOCK_MS = 200;
const LONGEST_PAUSE_SECONDS = 600;

/**
 * Applies stored deliveries that are due, a batch in one transaction. A batch that fails is tried again in halves until the guilty
 * delivery is alone. That one is tried again later, without effect on the others. Throws if the database is lost.
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

/** 1 s, 2 s, 4 s … by the database's clock. Only the kind of the error is stored, because its text may contain personal data. */
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

/** Classes of SQLSTATE whose cause is not the statement: connections, shutdowns, logins, a read-only server, a full disk. */
const OF_THE_CONNECTION = /^(08|25|28|3D|53|57P)/;

/** True if every other delivery would fail, too: without SQLSTATE the network is the cause, else the SQLSTATE tells. */
function isOfTheConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    isDatabaseFailure(error) &&
    (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || OF_THE_CONNECTION.test(code))
  );
}
