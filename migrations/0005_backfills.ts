import { type Kysely, sql } from 'kysely';

/** Progress of back-fills: where one goes on after a crash or a rate limit, and what it found. And when the service last ran. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('backfill')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('run', 'integer', (c) => c.notNull())
    .addColumn('grant_id', 'uuid', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull().check(sql`reason in ('first', 'resubscribed', 'gap', 'poll')`))
    .addColumn('window_from', 'timestamptz', (c) => c.notNull())
    // Start time of the last event that was read: a page token would not outlive a long pause.
    .addColumn('position', 'text')
    .addColumn('events', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('meetings', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('recovered', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('started_at', 'timestamptz', (c) => c.notNull())
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull())
    .addColumn('finished_at', 'timestamptz')
    .addPrimaryKeyConstraint('backfill_pkey', ['tenant_id', 'run'])
    .execute();

  await db.schema
    .createTable('service_run')
    .addColumn('id', 'boolean', (c) =>
      c
        .primaryKey()
        .defaultTo(true)
        .check(sql`id`),
    )
    .addColumn('last_seen_at', 'timestamptz', (c) => c.notNull())
    .execute();
}
