import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { ProblemError } from '../errors.ts';
import { listHostEvents, type ListedHostEvent } from './list-host-events.ts';

/** One event of this tenant. */
export async function readHostEvent(db: Kysely<Database>, tenantId: string, id: string): Promise<ListedHostEvent> {
  const {
    items: [event],
  } = await listHostEvents(db, { tenantId, id, limit: 1 });
  if (event === undefined) throw new ProblemError('not_found', 'There is no such event of this tenant, or no longer.');
  return event;
}
