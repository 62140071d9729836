import { type Kysely, sql } from 'kysely';

const canonicalTime = sql`text collate "C"`;

/**
 * A delivery is stored first and applied afterwards; meetings are listed from an index; and of a no-show it is known when it was
 * marked and taken back.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `received`: stored and answered, to be applied. Not validated: what is there already fits, and looking would hold up deliveries.
  await sql`alter table delivery drop constraint if exists delivery_verdict_check`.execute(db);
  await sql`alter table delivery add constraint delivery_verdict_check
    check (verdict in ('received', 'applied', 'duplicate', 'unreadable', 'ignored') or verdict like 'refused:_%') not valid`.execute(
    db,
  );
  await db.schema
    .alterTable('delivery')
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    // By the clock of the database, which all instances share. Null: at once
    .addColumn('next_attempt_at', 'timestamptz')
    .addColumn('last_error', 'text')
    .execute();
  await sql`create index delivery_to_apply on delivery (id) where verdict = 'received'`.execute(db);

  await db.schema
    .alterTable('meeting')
    .addColumn('no_show_marked_at', canonicalTime)
    .addColumn('no_show_removed_at', canonicalTime)
    // Of the event, repeated here for the list: '' where the start is not known, which is before any time
    .addColumn('listed_start', canonicalTime, (c) => c.notNull().defaultTo(''))
    .addColumn('listed_canceled', 'boolean', (c) => c.notNull().defaultTo(false))
    .execute();
  await sql`update meeting set listed_start = coalesce(event.start_time, ''),
      listed_canceled = meeting.canceled or coalesce(event.status, '') = 'canceled'
    from scheduled_event as event
    where (event.tenant_id, event.account_uri, event.uri) = (meeting.tenant_id, meeting.account_uri, meeting.event_uri)`.execute(
    db,
  );

  // The database keeps the copies true, whichever release writes the rows.
  await sql`create function list_meeting_by_its_event() returns trigger language plpgsql as $$
    begin
      select coalesce(event.start_time, ''), new.canceled or coalesce(event.status, '') = 'canceled'
        into new.listed_start, new.listed_canceled
        from scheduled_event as event
        where event.tenant_id = new.tenant_id and event.account_uri = new.account_uri and event.uri = new.event_uri;
      -- Without its event the foreign key refuses the row, and its error is the one to read.
      new.listed_start := coalesce(new.listed_start, '');
      new.listed_canceled := coalesce(new.listed_canceled, new.canceled);
      return new;
    end $$`.execute(db);
  await sql`create trigger meeting_listed before insert or update of canceled, event_uri on meeting
    for each row execute function list_meeting_by_its_event()`.execute(db);
  await sql`create function list_meetings_of_event() returns trigger language plpgsql as $$
    begin
      update meeting set listed_start = coalesce(new.start_time, ''), listed_canceled = canceled or coalesce(new.status, '') = 'canceled'
        where tenant_id = new.tenant_id and account_uri = new.account_uri and event_uri = new.uri;
      return null;
    end $$`.execute(db);
  await sql`create trigger scheduled_event_listed after update of start_time, status on scheduled_event
    for each row when (old.start_time is distinct from new.start_time or old.status is distinct from new.status)
    execute function list_meetings_of_event()`.execute(db);
  await sql`create index meeting_by_start on meeting (tenant_id, account_uri, listed_start desc, id desc)`.execute(db);
  await sql`create index meeting_by_status on meeting (tenant_id, account_uri, listed_canceled, listed_start desc, id desc)`.execute(
    db,
  );
}
