import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { start } from '../../src/boot/start.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { NO_LIMITS, openDatabase, type Database } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { createLogger } from '../../src/logger/create-logger.ts';
import { freePort } from '../support/service/free-port.ts';
import { logIn, openBrowser } from '../support/service/open-browser.ts';
import { connectWithMeeting } from '../support/world/cast-of-tenants.ts';

/**
 * `node test/bench/long-history.ts [rows]`, as root: when the page of a tenant with so many rows of history is of use, each time with
 * PostgreSQL just started and the page cache of the kernel dropped. The figures are in docs/inspector.md.
 */
const rows = Number(process.argv[2] ?? 100_000);
const RUNS = 3;
const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-long-'));
const config = loadConfig(
  { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'error' },
  { dataDir },
);
const { publicUrl: url, inspectorPassword: password } = config;
const running = () => start({ config, log: createLogger({ level: 'error' }) });

try {
  const first = await running();
  const stage = { url, apiKey: config.apiKeys[0]!.secret, sandbox: first.sandbox! };
  for (const tenant of ['long', 'short']) {
    const account = await connectWithMeeting(stage, tenant);
    for (let at = 0; at < 5; at++) stage.sandbox.controls.book({ account, name: 'Gina', email: 'gina@guest.example' });
  }
  await stage.sandbox.controls.deliveries.idle();
  await first.stop();
  await fill();
  for (let run = 1; run <= RUNS; run++) await measure(run);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(run: number): Promise<void> {
  execFileSync('sync');
  await writeFile('/proc/sys/vm/drop_caches', '3');
  const service = await running();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await logIn(page, url, { password });
    const began = performance.now();
    const response = await page.goto(`${url}/inspector/tenants/long`, { waitUntil: 'commit' });
    const answered = performance.now();
    await page.locator('#chart .state.lit').waitFor();
    await page.locator('#timeline li').nth(50).waitFor();
    const useful = performance.now();
    const cookie = (await browser.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const again = performance.now();
    await (await fetch(`${url}/inspector/tenants/long`, { headers: { cookie, accept: 'text/html' } })).text();
    console.log(
      `run ${run}: ${response!.status()}, answered after ${ms(answered - began)}, useful after ${ms(useful - began)}; warm ${ms(performance.now() - again)}`,
    );
  } finally {
    await browser.close();
    await service.stop();
  }
}

function ms(taken: number): string {
  return `${Math.round(taken)} ms`;
}

/** What two connected tenants have, many times over: one tenant's rows and as many of another's lie mixed in the tables. */
async function fill(): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dataDir: `${dataDir}/postgres` });
  const { db, close } = openDatabase({ url: postgres.url, limits: NO_LIMITS });
  try {
    await multiply(db, 'history', rows, { version: '1000 + n', at: `now() - n * interval '1 minute'` });
    const once = { id: 'gen_random_uuid()' };
    await multiply(db, 'effect', rows, {
      ...once,
      job_id: 'gen_random_uuid()',
      created_at: `now() - n * interval '1 minute'`,
      answered_at: `now() - n * interval '1 minute'`,
    });
    await multiply(db, 'exchange', rows, { ...once, started_at: `now() - n * interval '1 minute'` });
    await multiply(db, 'delivery', rows, { verdict: `'duplicate'`, received_at: `now() - n * interval '1 minute'` });
    await multiply(db, 'host_event', rows, { ...once, position: 'null', status: `'sent'` });
    await sql`vacuum analyze`.execute(db);
    const size = await sql<{
      size: string;
    }>`select pg_size_pretty(pg_database_size(current_database())) as size`.execute(db);
    console.log(`${rows} rows of each kind and tenant; the database has ${size.rows[0]!.size}`);
  } finally {
    await close();
    await postgres.stop();
  }
}

/** `instead`: what is another value in each copy. */
async function multiply(
  db: Kysely<Database>,
  table: string,
  count: number,
  instead: Record<string, string>,
): Promise<void> {
  const { rows: columns } = await sql<{ name: string }>`select column_name as name from information_schema.columns
    where table_name = ${table} and table_schema = 'public' and is_identity = 'NO' order by ordinal_position`.execute(
    db,
  );
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => instead[name] ?? `t.${name}`);
  await sql`insert into ${sql.table(table)} (${sql.raw(names.map((name) => `"${name}"`).join(', '))})
    select ${sql.raw(values.join(', '))} from
      (select *, row_number() over (partition by tenant_id order by random()) as place, count(*) over (partition by tenant_id) as total
        from ${sql.table(table)}) t
    join generate_series(1, ${count}::int) n on t.place = 1 + n % t.total`.execute(db);
}
