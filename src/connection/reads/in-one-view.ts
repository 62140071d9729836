import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Reads everything for one page in one view of the database, so that changes meanwhile cannot make its parts contradict each other. */
export function inOneView<T>(db: Kysely<Database>, read: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}
