import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../../src/db/database.ts';

const CHUNK = 20_000;
/** Below this, indexes that are there take less time than indexes that are built afterwards. */
const WORTH_REBUILDING = 50_000;
const BAR = 30;

/**
 * Tenants `filled-1` … as `tenant-0` is, each with a grant and its credentials, a webhook, two meetings, a delivery, two rows of history and two
 * timers that are not due. They are made inside of PostgreSQL: nothing that the service could do at once is left to do.
 */
export async function fillTenants(db: Kysely<Database>, from: number, to: number): Promise<void> {
  const rebuild = to - from < WORTH_REBUILDING ? async () => {} : await dropIndexes(db);
  for (let at = from; at < to; at += CHUNK) {
    const through = Math.min(to, at + CHUNK);
    for (const rows of rowsOf(sql`generate_series(${at + 1}::int, ${through}::int) as n`)) await rows.execute(db);
    const done = Math.round(((through - from) / (to - from)) * BAR);
    process.stderr.write(`\r  ${to} tenants [${'#'.repeat(done)}${'.'.repeat(BAR - done)}]`);
  }
  process.stderr.write(' indexes …');
  await rebuild();
  for (const table of TABLES) await sql`vacuum analyze ${sql.table(table)}`.execute(db);
  process.stderr.write('\n');
}

const TABLES = [
  'connection',
  'oauth_grant',
  'credential',
  'subscription',
  'scheduled_event',
  'meeting',
  'delivery',
  'history',
  'timer',
];

function rowsOf(numbers: RawBuilder<unknown>): RawBuilder<unknown>[] {
  const tenant = sql`'filled-' || n`;
  const account = sql`'https://api.calendly.com/users/' || md5(n::text)`;
  /** The same for the same words, so that rows can name each other. */
  const id = (what: string) => sql`md5(${what}::text || n)::uuid`;
  const event = sql`'https://api.calendly.com/scheduled_events/' || n || '-' || m`;
  return [
    sql`insert into connection (tenant_id, snapshot, machine_version, version, state, substate, since, account_uri, backfill_asked_at)
      select ${tenant}, jsonb_set(snapshot, '{context,tenantId}', to_jsonb(${tenant})), machine_version, 7, 'connected', 'webhooks',
        now() - n * interval '1 second', ${account}, now()
      from connection, ${numbers} where tenant_id = 'tenant-0'`,
    sql`insert into credential (id, tenant_id, purpose, key_id, sealed)
      select md5(purpose || n)::uuid, ${tenant}, purpose, key_id, sealed from credential, ${numbers} where tenant_id = 'tenant-0'`,
    sql`insert into oauth_grant (id, tenant_id, issuer, client_id, status, account_uri, account_email, account_name, scope, access_token_id,
        refresh_token_id, expires_at, refreshed_at, created_at)
      select ${id('grant')}, ${tenant}, issuer, client_id, 'current', ${account}, md5(n::text) || '@example.com', 'Person ' || n, scope,
        ${id('access_token')}, ${id('refresh_token')}, now() + interval '1 day', now(), now()
      from oauth_grant, ${numbers} where tenant_id = 'tenant-0'`,
    sql`insert into subscription (id, tenant_id, grant_id, account_uri, organization_uri, callback_url, signing_key_id, status, scope, events, created_at)
      select ${id('webhook')}, ${tenant}, ${id('grant')}, ${account}, organization_uri, 'https://host.example/webhooks/calendly/' || ${id('webhook')},
        ${id('signing_key')}, status, scope, events, now()
      from subscription, ${numbers} where tenant_id = 'tenant-0'`,
    sql`insert into scheduled_event (tenant_id, account_uri, uri, updated_at, status, name, start_time, end_time)
      select ${tenant}, ${account}, ${event}, '2026-05-01T10:00:00Z', 'active', 'Meeting', '2026-06-01T10:00:00Z', '2026-06-01T10:30:00Z'
      from ${numbers}, generate_series(1, 2) as m`,
    sql`insert into meeting (id, tenant_id, account_uri, event_uri, invitee_uri, updated_at, name, email, canceled, source, received_at, listed_start)
      select md5('meeting' || n || '-' || m)::uuid, ${tenant}, ${account}, ${event}, ${event} || '/invitees/1', '2026-05-01T10:00:00Z', 'Guest',
        'guest-' || n || '@example.com', false, 'webhook', now(), '2026-06-01T10:00:00Z'
      from ${numbers}, generate_series(1, 2) as m`,
    sql`insert into delivery (tenant_id, account_uri, subscription_id, received_at, verdict, event, dedupe_key, body_bytes, body)
      select ${tenant}, ${account}, ${id('webhook')}, now(), 'applied', 'invitee.created', sha256(n::text::bytea), 1024,
        convert_to(repeat(md5(n::text), 32), 'UTF8')
      from ${numbers}`,
    sql`insert into history (tenant_id, version, kind, at, event, from_state, to_state, machine_version, cause, actions)
      select ${tenant}, m, 'event', now(), '{"type": "connect"}', 'disconnected.idle', 'connected.webhooks', 1, '{"kind": "route"}', '{}'
      from ${numbers}, generate_series(1, 2) as m`,
    sql`insert into timer (tenant_id, name, job_id, due_at, event)
      select ${tenant}, name, md5(name || n)::uuid, now() + interval '1 day' + n * interval '1 second', '{"type": "watch.due"}'
      from ${numbers}, unnest(array['watch', 'refresh']) as name`,
  ];
}

/** Those that no constraint needs. Returns what makes them again. */
async function dropIndexes(db: Kysely<Database>): Promise<() => Promise<void>> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select index.relname as name, pg_get_indexdef(index.oid) as definition
    from pg_index join pg_class index on index.oid = indexrelid join pg_class of on of.oid = indrelid
    where of.relname = any(${TABLES}::text[]) and of.relnamespace = current_schema()::regnamespace
      and not exists (select from pg_constraint where conindid = index.oid)`.execute(db);
  for (const { name } of rows) await sql`drop index ${sql.id(name)}`.execute(db);
  return async () => {
    for (const { definition } of rows) await sql.raw(definition).execute(db);
  };
}
