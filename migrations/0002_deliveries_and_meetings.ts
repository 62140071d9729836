import { type Kysely, sql } from 'kysely';

/**
 * Times that the merge compares are text in one canonical form (UTC, six digits of a second), under collation "C": they sort
 * as times do, and the microseconds survive the way through JavaScript, whose dates have milliseconds.
 */
const canonicalTime = sql`text collate "C"`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('delivery')
    .addColumn('id', 'bigint', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('account_uri', 'text', (c) => c.notNull())
    .addColumn('subscription_id', 'uuid', (c) => c.notNull())
    .addColumn('received_at', 'timestamptz', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) =>
      c.notNull().check(sql`verdict in ('applied', 'duplicate', 'unreadable', 'ignored') or verdict like 'refused:_%'`),
    )
    .addColumn('signed_at', 'timestamptz')
    .addColumn('signing_key_id', 'uuid')
    .addColumn('event', 'text')
    .addColumn('event_uri', 'text')
    .addColumn('invitee_uri', 'text')
    .addColumn('dedupe_key', 'bytea')
    .addColumn('body_bytes', 'integer', (c) => c.notNull())
    // Null for a refused one: what nobody signed is not worth keeping
    .addColumn('body', 'bytea')
    .execute();
  await db.schema.createIndex('delivery_by_tenant').on('delivery').columns(['tenant_id', 'id']).execute();
  await db.schema.createIndex('delivery_by_age').on('delivery').column('received_at').execute();
  // The database itself keeps a delivery from being applied twice.
  await sql`create unique index delivery_applied_once on delivery (dedupe_key) where verdict = 'applied'`.execute(db);
  await sql`create index delivery_refused on delivery (subscription_id, received_at) where verdict like 'refused:%'`.execute(
    db,
  );

  await db.schema
    .createTable('scheduled_event')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('account_uri', 'text', (c) => c.notNull())
    .addColumn('uri', 'text', (c) => c.notNull())
    // Null: only invitees of this event have been seen, never the event itself
    .addColumn('updated_at', canonicalTime)
    .addColumn('status', 'text')
    .addColumn('name', 'text')
    .addColumn('event_type', 'text')
    .addColumn('start_time', canonicalTime)
    .addColumn('end_time', canonicalTime)
    .addColumn('location', 'jsonb')
    .addPrimaryKeyConstraint('scheduled_event_pkey', ['tenant_id', 'account_uri', 'uri'])
    .execute();
  await sql`create index scheduled_event_by_start on scheduled_event (tenant_id, account_uri, coalesce(start_time, '') desc)`.execute(
    db,
  );

  await db.schema
    .createTable('meeting')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('account_uri', 'text', (c) => c.notNull())
    .addColumn('event_uri', 'text', (c) => c.notNull())
    .addColumn('invitee_uri', 'text', (c) => c.notNull())
    .addColumn('updated_at', canonicalTime, (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('email', 'text')
    .addColumn('timezone', 'text')
    .addColumn('cancel_url', 'text')
    .addColumn('reschedule_url', 'text')
    .addColumn('canceled', 'boolean', (c) => c.notNull())
    .addColumn('no_show_at', canonicalTime)
    .addColumn('no_show_uri', 'text')
    .addColumn('rescheduled_from', 'text')
    .addColumn('rescheduled_to', 'text')
    .addColumn('source', 'text', (c) => c.notNull().check(sql`source in ('webhook', 'backfill', 'polling')`))
    .addColumn('received_at', 'timestamptz', (c) => c.notNull())
    .addUniqueConstraint('meeting_once', ['tenant_id', 'account_uri', 'invitee_uri'])
    .addForeignKeyConstraint(
      'meeting_of_event',
      ['tenant_id', 'account_uri', 'event_uri'],
      'scheduled_event',
      ['tenant_id', 'account_uri', 'uri'],
      (c) => c.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createIndex('meeting_by_event')
    .on('meeting')
    .columns(['tenant_id', 'account_uri', 'event_uri'])
    .execute();
}
