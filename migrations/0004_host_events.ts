import { type Kysely, sql } from 'kysely';

/** What the host product is told: written with what it tells of, put in order afterwards, kept for the feed, sent if wanted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('host_event')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    // Order of writing. A transaction that wrote earlier can commit later, so readers go by the position instead.
    .addColumn('seq', 'bigint', (c) => c.notNull().generatedAlwaysAsIdentity())
    // Place in the feed, given one after the other to what is committed: whoever has read up to one has missed none before it.
    .addColumn('position', 'bigint', (c) => c.unique())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    // What it is about: events that share a lane go out one after the other.
    .addColumn('lanes', sql`text[]`, (c) => c.notNull())
    // json, not jsonb: the keys stay in the order in which they were written
    .addColumn('body', 'json', (c) => c.notNull())
    .addColumn('recorded_at', 'timestamptz', (c) => c.notNull())
    .addColumn('status', 'text', (c) =>
      c
        .notNull()
        .defaultTo('recorded')
        .check(sql`status in ('recorded', 'feed', 'waiting', 'sent', 'parked')`),
    )
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('first_attempt_at', 'timestamptz')
    .addColumn('next_attempt_at', 'timestamptz')
    .addColumn('claimed_until', 'timestamptz')
    .addColumn('sent_at', 'timestamptz')
    .addColumn('parked_at', 'timestamptz')
    .addColumn('last_error', 'jsonb')
    .execute();
  await sql`create index host_event_without_position on host_event (seq) where position is null`.execute(db);
  await db.schema.createIndex('host_event_by_tenant').on('host_event').columns(['tenant_id', 'seq']).execute();
  await db.schema.createIndex('host_event_by_age').on('host_event').column('recorded_at').execute();
  await sql`create index host_event_due on host_event (next_attempt_at, position) where status = 'waiting'`.execute(db);
  // Without fastupdate: a pending list would be searched through for every event that is looked at.
  await sql`create index host_event_waiting_lanes on host_event using gin (lanes) with (fastupdate = off) where status = 'waiting'`.execute(
    db,
  );
  await sql`create index host_event_parked on host_event (seq) where status = 'parked'`.execute(db);

  // One half of a reschedule, kept back for a moment because the other half may be on its way.
  await db.schema
    .createTable('host_event_half')
    .addColumn('meeting_id', 'uuid', (c) => c.primaryKey())
    .addColumn('partner_id', 'uuid', (c) => c.notNull())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull().check(sql`type in ('meeting.created', 'meeting.canceled')`))
    .addColumn('data', 'json', (c) => c.notNull())
    .addColumn('held_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('host_event_half_by_partner').on('host_event_half').column('partner_id').execute();
  await db.schema.createIndex('host_event_half_by_age').on('host_event_half').column('held_at').execute();
  await db.schema.createIndex('host_event_half_by_tenant').on('host_event_half').column('tenant_id').execute();

  await db.schema
    .createTable('host_event_feed')
    .addColumn('id', 'boolean', (c) =>
      c
        .primaryKey()
        .defaultTo(true)
        .check(sql`id`),
    )
    .addColumn('last_position', 'bigint', (c) => c.notNull())
    // Events up to here may be gone: kept long enough, then deleted.
    .addColumn('pruned_through', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into host_event_feed (last_position, pruned_through) values (0, 0)`.execute(db);
}
