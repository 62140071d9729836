import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Reads all that one page shows as it was at one moment: what changes meanwhile cannot make its parts contradict each other. */
export function inOneView<T>(db: Kysely<Database>, read: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}
