import type { Kysely } from 'kysely';

/** Which key of the OAuth application a delivery was signed with. Null: with the subscription's own, or with none that is known. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('delivery').addColumn('application_key', 'text').execute();
}
