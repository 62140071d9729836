import { sql, type Kysely } from 'kysely';
import type { Database } from './database.ts';

export async function hasSchema(db: Kysely<Database>, name: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from pg_namespace where nspname = ${name}) as there`.execute(db);
  return rows[0]!.there;
}
