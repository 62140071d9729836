import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../../src/db/database.ts';
import { appendHostEvent } from '../../../src/host-events/append-host-event.ts';

export interface WrittenEvent {
  tenantId: string;
  /** Its lane is that of its tenant, unless it has others. */
  lanes?: string[];
  /** What a test tells it by. */
  code: string;
}

/** Writes events as a change of a connection does, in one transaction. Gives their ids. */
export async function writeEvents(db: Kysely<Database>, events: WrittenEvent[], at = new Date()): Promise<string[]> {
  const ids = events.map(() => randomUUID());
  await db.transaction().execute(async (trx) => {
    for (const [index, { tenantId, lanes = [`connection:${tenantId}`], code }] of events.entries()) {
      await appendHostEvent(trx, {
        id: ids[index]!,
        type: 'connection.warning',
        at,
        tenantId,
        lanes,
        data: { code, message: '', details: {} },
      });
    }
  });
  return ids;
}
