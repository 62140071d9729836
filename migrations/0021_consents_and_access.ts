import { type Kysely, sql } from 'kysely';

/** Who may complete a consent, whose session was ended, and who did what. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `completion` null: by the callback, as in older releases. `ticket_hash`: the code is here and waits for the host.
  await db.schema
    .alterTable('consent_attempt')
    .addColumn('completion', 'text', (c) => c.check(sql`completion in ('callback', 'host')`))
    .addColumn('ticket_hash', 'bytea')
    .addColumn('ticket_expires_at', 'timestamptz')
    .execute();
  await sql`create unique index consent_attempt_by_ticket on consent_attempt (ticket_hash) where ticket_hash is not null`.execute(
    db,
  );

  // Sessions are signed, not stored; what a logout ends is remembered until it would have ended by itself.
  await db.schema
    .createTable('ended_session')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('ended_session_by_expiry').on('ended_session').column('expires_at').execute();

  await db.schema
    .createTable('audit')
    .addColumn('id', 'bigint', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('actor_kind', 'text', (c) =>
      c.notNull().check(sql`actor_kind in ('key', 'operator', 'browser', 'nobody')`),
    )
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull().check(sql`outcome in ('done', 'refused', 'failed')`))
    .addColumn('tenant_id', 'text')
    .addColumn('address', 'text')
    .addColumn('reason', 'text')
    .execute();
  await db.schema.createIndex('audit_by_tenant').on('audit').columns(['tenant_id', 'id']).execute();
  await db.schema.createIndex('audit_by_time').on('audit').column('at').execute();
  // Rows are added, and go when they are old. Nothing rewrites one.
  await sql`create function refuse_change_of_audit() returns trigger language plpgsql as $$
    begin raise exception 'audit rows are never changed'; end $$`.execute(db);
  await sql`create trigger audit_is_append_only before update on audit
    for each row execute function refuse_change_of_audit()`.execute(db);
}
