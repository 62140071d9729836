import type { Transaction } from 'kysely';
import { MACHINE_VERSION, type ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import type { Cause } from './cause.ts';
import type { StoredSnapshot } from './snapshot.ts';

interface Entry {
  tenantId: string;
  version: number;
  at: Date;
  cause: Cause;
}

/** Beside the history: an event that the machine did not take, because it was stale or not accepted. */
export async function appendNote(
  trx: Transaction<Database>,
  entry: Entry & { event: ConnectionEvent; state: string; note: string },
): Promise<void> {
  await append(trx, entry, {
    kind: 'note',
    event: JSON.stringify(entry.event),
    from_state: entry.state,
    to_state: entry.state,
    note: entry.note,
  });
}

/** The row where replay starts: the whole snapshot at this version, as the machine of `machineVersion` (by default this one) left it. */
export async function appendCheckpoint(
  trx: Transaction<Database>,
  entry: Entry & { snapshot: StoredSnapshot; machineVersion?: number; state: string; note: string },
): Promise<void> {
  const { snapshot, machineVersion = MACHINE_VERSION, state, note } = entry;
  await append(trx, entry, {
    kind: 'checkpoint',
    machine_version: machineVersion,
    to_state: state,
    note,
    snapshot: JSON.stringify(snapshot),
  });
}

/** Beside the history: something that a person did for this tenant without the machine, so that others can see it later. */
export async function appendRemark(
  trx: Transaction<Database>,
  { tenantId, at, cause, note }: Omit<Entry, 'version'> & { note: string },
): Promise<void> {
  const row = await trx
    .selectFrom('connection')
    .select(['version', 'state', 'substate'])
    .where('tenant_id', '=', tenantId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return;
  const state = row.substate === null ? row.state : `${row.state}.${row.substate}`;
  await append(
    trx,
    { tenantId, version: row.version, at, cause },
    { kind: 'note', from_state: state, to_state: state, note },
  );
}

async function append(
  trx: Transaction<Database>,
  { tenantId, version, at, cause }: Entry,
  row: {
    kind: string;
    machine_version?: number;
    event?: string;
    from_state?: string;
    to_state?: string;
    actions?: string;
    note?: string;
    snapshot?: string;
  },
): Promise<void> {
  await trx
    .insertInto('history')
    .values({
      tenant_id: tenantId,
      version,
      at,
      cause: JSON.stringify(cause),
      machine_version: MACHINE_VERSION,
      ...row,
    })
    .execute();
}
