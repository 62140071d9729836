import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('host_event')
    // Whose attempt is under way: only its own answer settles it.
    .addColumn('claim_id', 'uuid')
    // Asked for while an attempt is under way: it is sent again after that.
    .addColumn('resend_asked', 'boolean', (c) => c.notNull().defaultTo(false))
    .execute();

  // Lists of all, of a status, of a tenant's in a status: the newest first. (Those of a tenant have theirs already.)
  await db.schema.createIndex('host_event_by_seq').on('host_event').column('seq').execute();
  await db.schema.createIndex('host_event_by_status').on('host_event').columns(['status', 'seq']).execute();
  await db.schema
    .createIndex('host_event_by_tenant_and_status')
    .on('host_event')
    .columns(['tenant_id', 'status', 'seq'])
    .execute();
  await db.schema.dropIndex('host_event_parked').execute();
  await db.schema.dropIndex('host_event_parked_by_tenant').execute();

  // What is due, first attempts (0) apart from retries (1); of all, and of one tenant after the other. `host_event_due` is for an
  // instance of the release before this one, and can go once none is left.
  await sql`create index host_event_due_by_kind on host_event (least(attempts, 1), next_attempt_at, position)
    where status = 'waiting'`.execute(db);
  await sql`create index host_event_due_by_tenant on host_event (least(attempts, 1), tenant_id, next_attempt_at, position)
    where status = 'waiting'`.execute(db);

  // The account that the host was told of last; it outlives a disconnect. Of connections of before: the one connected now, or the last
  // one that had a webhook.
  await db.schema.alterTable('connection').addColumn('last_account_uri', 'text').execute();
  await sql`update connection set last_account_uri = coalesce(account_uri, (select account_uri from subscription
    where subscription.tenant_id = connection.tenant_id and account_uri <> '' order by created_at desc limit 1))`.execute(
    db,
  );
}
