import type { Kysely } from 'kysely';
import { transition } from 'xstate';
import { connectionMachine, type ConnectionEvent } from '../../../machines/connection/index.ts';
import { fromStored, statePath, toStored, type ConnectionSnapshot } from '../../../src/connection/dispatch/snapshot.ts';
import type { Database } from '../../../src/db/database.ts';

/**
 * Replays the history of these tenants (all) from its last checkpoint and says what differs from what is stored: the snapshot, a version
 * that is missing, a state that a row names wrongly. Empty: history is complete.
 */
export function replayHistory(db: Kysely<Database>, tenants?: string[]): Promise<string[]> {
  // One view of the database: the service goes on meanwhile.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((trx) => replay(trx, tenants));
}

async function replay(db: Kysely<Database>, tenants?: string[]): Promise<string[]> {
  const differences: string[] = [];
  const connections = await db
    .selectFrom('connection')
    .selectAll()
    .$if(tenants !== undefined, (query) => query.where('tenant_id', 'in', [...tenants!, '']))
    .execute();
  for (const connection of connections) {
    const { tenant_id: tenantId } = connection;
    const rows = await db
      .selectFrom('history')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('kind', '!=', 'note')
      .orderBy('id')
      .execute();
    const start = rows.findLastIndex((row) => row.kind === 'checkpoint');
    if (start < 0) {
      differences.push(`${tenantId}: no checkpoint`);
      continue;
    }
    let snapshot: ConnectionSnapshot = fromStored(rows[start]!.snapshot, rows[start]!.machine_version);
    let version = rows[start]!.version;
    for (const row of rows.slice(start + 1)) {
      if (row.version !== version + 1) differences.push(`${tenantId}: version ${row.version} follows ${version}`);
      version = row.version;
      if (row.from_state !== statePath(snapshot.value))
        differences.push(`${tenantId}@${version}: was in ${statePath(snapshot.value)}, not ${row.from_state}`);
      [snapshot] = transition(connectionMachine, snapshot, row.event as unknown as ConnectionEvent);
      if (row.to_state !== statePath(snapshot.value))
        differences.push(`${tenantId}@${version}: is in ${statePath(snapshot.value)}, not ${row.to_state}`);
    }
    if (version !== connection.version)
      differences.push(`${tenantId}: history ends at ${version}, the row at ${connection.version}`);
    const [replayed, stored] = [toStored(snapshot), connection.snapshot].map((each) => JSON.stringify(sorted(each)));
    if (replayed !== stored) differences.push(`${tenantId}: replayed ${replayed}, stored ${stored}`);
  }
  return differences;
}

/** jsonb keeps no order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
