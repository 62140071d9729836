import { type Kysely, sql } from 'kysely';

/** Set before a grant's first token is revoked: from then on none of them is presented, and what a late refresh brings is an orphan. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table oauth_grant add column revoking_at timestamptz`.execute(db);
}
