import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Refreshes that failed one after the other, and until when Calendly asked for none: whoever asks next heeds it.
  await db.schema
    .alterTable('oauth_grant')
    .addColumn('refresh_failures', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('refresh_failed_at', 'timestamptz')
    .addColumn('refresh_not_before', 'timestamptz')
    .execute();
  // An event whose possessions are stored already, kept for an instance whose machine can read the tenant's snapshot.
  await db.schema.alterTable('effect').addColumn('deferred', 'jsonb').execute();
}
