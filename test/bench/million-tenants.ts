import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { listTenants } from '../../src/connection/reads/list-tenants.ts';
import { openDatabase } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { listTenantRows, type TenantQuery } from '../../src/connection/reads/list-tenant-rows.ts';

/**
 * `node test/bench/million-tenants.ts [count]`: how long the inspector's list takes with that many tenants. Filling takes minutes;
 * the figures are in docs/inspector.md.
 */
const count = Number(process.argv[2] ?? 1_000_000);
const RUNS = 5;
const dataDir = mkdtempSync(join(tmpdir(), 'calendly-reconnect-million-'));
const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
const { db, close } = openDatabase({ url: postgres.url });
try {
  await migrateToLatest(db);
  await fill();
  const first = await listTenantRows(db, { sort: 'trouble' });
  const deep = Buffer.from(JSON.stringify([2, '2026-05-01T00:00:00.000Z', 'tenant-05'])).toString('base64url');
  const questions: Record<string, TenantQuery> = {
    'longest in a bad state, first page': { sort: 'trouble' },
    '… next page': { sort: 'trouble', cursor: first.nextCursor ?? undefined },
    '… a page deep among the connected': { sort: 'trouble', cursor: deep },
    'changed last, first page': { sort: 'recent' },
    'state error.retrying, changed last': { sort: 'recent', state: 'error.retrying' },
    'part of one id': { sort: 'trouble', q: '0777777' },
    'part of one e-mail': { sort: 'trouble', q: 'a1b2c3' },
    'part of some ids and e-mails (777)': { sort: 'trouble', q: '777' },
    'part of every id': { sort: 'trouble', q: 'tenant' },
    'part of none': { sort: 'trouble', q: 'zzzzzz' },
  };
  for (const [label, query] of Object.entries(questions)) await time(label, () => listTenantRows(db, query));
  await time('GET /v1/tenants, counts included', () => listTenants(db, { limit: 50 }));
} finally {
  await close();
  await postgres.stop();
  await removeEmbeddedPostgres(dataDir);
}

async function time(label: string, work: () => Promise<unknown>): Promise<void> {
  const taken: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  taken.sort((a, b) => a - b);
  console.log(
    `${label.padEnd(40)} median ${Math.round(taken[Math.floor(RUNS / 2)]!)} ms, most ${Math.round(taken.at(-1)!)} ms`,
  );
}

/** One in 200 in an error, one in 50 disconnected; snapshots of a usual size. */
async function fill(): Promise<void> {
  // Built after the rows: an index on every row as it comes would take many times as long.
  await sql`drop index if exists connection_by_part`.execute(db);
  await sql`drop index if exists oauth_grant_by_part`.execute(db);
  await sql`insert into connection (tenant_id, snapshot, machine_version, version, state, substate, since, account_uri, created_at, updated_at)
    select 'tenant-' || lpad(i::text, 7, '0') || '-' || substr(md5(i::text), 1, 6),
      jsonb_build_object('value', '{}'::jsonb, 'context', jsonb_build_object('debts', '[]'::jsonb, 'problem', null, 'rest', repeat(md5(i::text), 20))), 1, 7,
      case when i % 200 = 0 then 'error' when i % 50 = 1 then 'disconnected' when i % 1000 = 2 then 'refreshing' else 'connected' end,
      case when i % 400 = 0 then 'retrying' when i % 200 = 0 then 'needsReauthorization' when i % 50 = 1 then 'idle' when i % 1000 = 2 then 'refreshingToken' else 'webhooks' end,
      timestamptz '2026-01-01' + (hashint4(i) % 20000000) * interval '1 second', 'https://api.calendly.com/users/' || md5(i::text), now(), now()
    from generate_series(1, ${count}::int) i`.execute(db);
  await sql`insert into oauth_grant (id, tenant_id, issuer, client_id, status, account_uri, account_email, account_name, scope, expires_at, refreshed_at, created_at)
    select gen_random_uuid(), tenant_id, 'x', 'y', 'current', account_uri, substr(md5(tenant_id), 1, 8) || '@' || substr(md5(tenant_id), 9, 6) || '.example',
      'Person ' || substr(md5(tenant_id), 20, 7), '', now(), now(), now() from connection`.execute(db);
  await sql`create index connection_by_part on connection using gin (tenant_id gin_trgm_ops, account_uri gin_trgm_ops)`.execute(
    db,
  );
  await sql`create index oauth_grant_by_part on oauth_grant using gin (account_email gin_trgm_ops, account_name gin_trgm_ops) where status = 'current'`.execute(
    db,
  );
  await sql`vacuum analyze connection`.execute(db);
  await sql`vacuum analyze oauth_grant`.execute(db);
}
