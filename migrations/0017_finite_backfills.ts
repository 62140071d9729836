import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table backfill drop constraint backfill_reason_check`.execute(db);
  await sql`alter table backfill add constraint backfill_reason_check
    check (reason in ('first', 'resubscribed', 'gap', 'daily', 'poll', 'skipped'))`.execute(db);
  await db.schema
    .alterTable('backfill')
    .addColumn('skipped', 'integer', (c) => c.notNull().defaultTo(0))
    // How often it broke off at an event without having read another one before: one of them, or Calendly as a whole?
    .addColumn('stalled', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();

  // Events that a run is done with: it goes on a little before its place, because several begin at the same time.
  await db.schema
    .createTable('backfill_event')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('run', 'integer', (c) => c.notNull())
    .addColumn('event_uri', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('backfill_event_pkey', ['tenant_id', 'run', 'event_uri'])
    .execute();

  // Events that Calendly cannot show: left out, remembered, and tried again later.
  await db.schema
    .createTable('unreadable_event')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('account_uri', 'text', (c) => c.notNull())
    .addColumn('event_uri', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('first_at', 'timestamptz', (c) => c.notNull())
    .addColumn('next_at', 'timestamptz', (c) => c.notNull())
    .addPrimaryKeyConstraint('unreadable_event_pkey', ['tenant_id', 'account_uri', 'event_uri'])
    .execute();
}
