import { sql, type Kysely } from 'kysely';
import type { Database } from './database.ts';

/** Throws unless the database answers. */
export async function ping(db: Kysely<Database>): Promise<void> {
  await sql`select 1`.execute(db);
}
