import type { Kysely } from 'kysely';
import { connectionMachine, type Command } from '../../../machines/connection/index.ts';
import { transition } from 'xstate';
import type { Database } from '../../db/database.ts';
import { fromStored, type ConnectionSnapshot } from '../dispatch/snapshot.ts';

const NO_ID = '00000000-0000-0000-0000-000000000000';
const SAMPLES: Command[] = [
  { type: 'connect', switchAccount: false, attemptId: NO_ID, attemptExpiresAt: new Date(0).toISOString(), recentMs: 0 },
  { type: 'disconnect' },
  {
    type: 'import',
    importId: NO_ID,
    grantId: NO_ID,
    scope: [],
    expiresAt: new Date(0).toISOString(),
    webhooks: [],
  },
  { type: 'release' },
  { type: 'refresh' },
  { type: 'resync' },
  { type: 'retry', recentMs: 0 },
];

/** The commands that the machine accepts in this state. The machine is asked, and nothing is sent. */
export function acceptedCommands(snapshot: ConnectionSnapshot, now: Date): string[] {
  return SAMPLES.filter((command) => {
    // A second connect joins the first one, and a second disconnect is no mistake. So both are always accepted.
    if (command.type === 'connect' || command.type === 'disconnect') return true;
    return wouldChange(snapshot, command, now);
  }).map(({ type }) => type);
}

function wouldChange(snapshot: ConnectionSnapshot, command: Command, now: Date): boolean {
  const [after, actions] = transition(connectionMachine, snapshot, { ...command, at: now.toISOString(), id: NO_ID });
  return after !== snapshot && (actions.length > 0 || JSON.stringify(after.value) !== JSON.stringify(snapshot.value));
}

export async function readSnapshot(
  db: Kysely<Database>,
  tenantId: string,
): Promise<{ snapshot: ConnectionSnapshot; version: number } | undefined> {
  const row = await db
    .selectFrom('connection')
    .select(['snapshot', 'machine_version', 'version'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row && { snapshot: fromStored(row.snapshot, row.machine_version), version: row.version };
}
