import { sql, type Kysely } from 'kysely';

/** A person's meetings over all tenants, to export or to erase them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index meeting_by_email on meeting (lower(email), id)`.execute(db);
}
