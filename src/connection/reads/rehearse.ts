import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { transition } from 'xstate';
import { connectionMachine, type ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { fromStored, statePath, toStored, type ConnectionSnapshot } from '../dispatch/snapshot.ts';
import { inOneView } from './in-one-view.ts';

/** Both bound the memory: so many snapshots, and so many history rows, are held at once. */
const TENANTS_AT_ONCE = 100;
const ROWS_AT_ONCE = 1_000;

/** A tenant whose history this version of the machine does not lead to what is stored. Names of fields only: contexts are long. */
export type Difference = { tenantId: string } & (
  | {
      /** It would stand in another state. */
      kind: 'elsewhere';
      stored: string;
      replayed: string;
      /** The first event that led somewhere else; null where none did by its name, so states were renamed. */
      event: { version: number; type: string } | null;
    }
  | { kind: 'details'; state: string; fields: string[] }
  | { kind: 'unreadable'; problem: string }
);

export interface Rehearsal {
  tenants: number;
  events: number;
}

type Start = { snapshot: unknown; machine_version: number };
type ConnectionRow = Start & { tenant_id: string };

/**
 * Replays every stored history through the machine of this version and compares the end with what is stored. Only the columns of the
 * first release are read, and nothing is written, so that it can run before the database is migrated.
 */
export async function rehearse(
  db: Kysely<Database>,
  { onDifference, onTenants }: { onDifference(found: Difference): void; onTenants?(done: number): void },
): Promise<Rehearsal> {
  const rehearsal: Rehearsal = { tenants: 0, events: 0 };
  for (let after = ''; ;) {
    const rows = await inOneView(db, async (view) => {
      const connections = await view
        .selectFrom('connection')
        .select(['tenant_id', 'snapshot', 'machine_version'])
        .where('tenant_id', '>', after)
        .orderBy('tenant_id')
        .limit(TENANTS_AT_ONCE)
        .execute();
      const replays = new Map(connections.map((row) => [row.tenant_id, new Replay(row)]));
      rehearsal.events += await replayAll(view, replays);
      for (const replay of replays.values()) {
        const found = replay.end();
        if (found !== null) onDifference(found);
      }
      return connections;
    });
    rehearsal.tenants += rows.length;
    onTenants?.(rehearsal.tenants);
    if (rows.length < TENANTS_AT_ONCE) return rehearsal;
    after = rows.at(-1)!.tenant_id;
  }
}

/** Gives each replay the rows of its tenant in their order. Returns how many events there were. */
async function replayAll(view: Kysely<Database>, replays: Map<string, Replay>): Promise<number> {
  if (replays.size === 0) return 0;
  let events = 0;
  for (let place = { tenantId: '', id: 0 }; ;) {
    const rows = await view
      .selectFrom('history')
      .select(['id', 'tenant_id', 'version', 'kind', 'event', 'to_state', 'machine_version', 'snapshot'])
      .where('tenant_id', 'in', [...replays.keys()])
      .where(({ eb, refTuple, tuple }) => eb(refTuple('tenant_id', 'id'), '>', tuple(place.tenantId, place.id)))
      .orderBy('tenant_id')
      .orderBy('id')
      .limit(ROWS_AT_ONCE)
      .execute();
    for (const row of rows) {
      if (row.kind === 'event') events++;
      replays.get(row.tenant_id)!.take(row);
    }
    if (rows.length < ROWS_AT_ONCE) return events;
    const last = rows.at(-1)!;
    place = { tenantId: last.tenant_id, id: last.id };
  }
}

/** One tenant's history, row by row. A checkpoint is what was really there: the replay is compared with it, and goes on from it. */
class Replay {
  readonly #connection: ConnectionRow;
  #now: ConnectionSnapshot | null = null;
  #firstOther: { version: number; type: string } | null = null;
  #details: Difference | null = null;
  /** Ends the replay: what comes after it follows from it. */
  #broken: Difference | null = null;

  constructor(connection: ConnectionRow) {
    this.#connection = connection;
  }

  take(row: Start & { kind: string; event: unknown; version: number; to_state: string | null }): void {
    if (this.#broken !== null) return;
    this.#trying(() => {
      if (row.kind === 'checkpoint') {
        if (this.#now !== null) this.#compare(row);
        this.#now = fromStored(row.snapshot, row.machine_version);
        this.#firstOther = null;
      } else if (this.#now !== null && row.event !== null) {
        // Refused events too: this machine may take one that an earlier one did not.
        const event = row.event as ConnectionEvent;
        [this.#now] = transition(connectionMachine, this.#now, event);
        if (statePath(this.#now.value) !== row.to_state)
          this.#firstOther ??= { version: row.version, type: event.type };
      }
    });
  }

  end(): Difference | null {
    if (this.#broken === null)
      this.#trying(() => {
        if (this.#now === null) throw new Error('its history has no checkpoint to begin with');
        this.#compare(this.#connection);
      });
    return this.#broken ?? this.#details;
  }

  #compare(stored: Start): void {
    const { tenant_id: tenantId } = this.#connection;
    const [there, replayed] = [fromStored(stored.snapshot, stored.machine_version), this.#now!];
    const [storedAt, replayedAt] = [statePath(there.value), statePath(replayed.value)];
    if (storedAt !== replayedAt) {
      this.#broken = { tenantId, kind: 'elsewhere', stored: storedAt, replayed: replayedAt, event: this.#firstOther };
      return;
    }
    const fields = fieldsThatDiffer(toStored(there).context, toStored(replayed).context);
    if (fields.length > 0) this.#details ??= { tenantId, kind: 'details', state: storedAt, fields };
  }

  #trying(step: () => void): void {
    try {
      step();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#broken = { tenantId: this.#connection.tenant_id, kind: 'unreadable', problem };
    }
  }
}

function fieldsThatDiffer(one: object, other: object): string[] {
  const [left, right] = [one, other] as [Record<string, unknown>, Record<string, unknown>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => !isDeepStrictEqual(left[name], right[name]));
}
