import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { startOldApplication, type OldApplication } from '../../support/calendly/old-application.ts';
import { codeBlocks } from '../../support/guards/code-blocks.ts';
import { PROJECT } from '../../support/guards/source-files.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const TENANTS = 100;
const BETWEEN_BOOKINGS_MS = 100;
const PAGE = readFileSync(join(PROJECT, 'docs/moving-in.md'), 'utf8');
const tenants = Array.from({ length: TENANTS }, (_, index) => `tenant-${index + 1}`);

/** What is left to do when every step has its turn: a few at a time. */
async function forEach(ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<void> {
  const left = [...ids];
  const one = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: 10 }, one));
}

test('the whole page, with 100 tenants and bookings that go on: one webhook each, no consent, no booking lost or doubled', async () => {
  const service = await startTestService();
  const old = await startOldApplication(service.sandbox.url);
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'moving-in-'));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await service.stop();
    await old.close();
    await database.close();
  });
  const { controls } = service.sandbox;
  for (const tenant of tenants) controls.accounts.add({ slug: tenant, name: tenant });
  await forEach(tenants, (tenant) => old.connect(tenant, tenant));
  await storeOldTable(database, old);
  // Some access tokens have ended: those are refreshed, once.
  const ended = tenants.filter((_, index) => index % 10 === 5);
  await sql`update calendly_connections set token_expires_at = now() where tenant_id in (${sql.join(ended)})`.execute(
    database.db,
  );

  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const code of codeBlocks(PAGE, 'js')) writeFileSync(join(folder, /^\/\/ (\S+\.js)\n/.exec(code)![1]!), code);
  const [mark, markOne, markAll, cleanUp] = codeBlocks(PAGE, 'sql') as [string, string, string, string];
  const [moveOne, moveAll, takeBack] = codeBlocks(PAGE, 'sh') as [string, string, string];
  const inOldDatabase = (statement: string) => sql.raw(statement).execute(database.db);
  const shell = (block: string) => runShell(block, folder, { DATABASE_URL: database.url, SERVICE_URL: service.url });

  controls.clearCalls();
  const bookings = startBookings(service);
  await inOldDatabase(mark);
  await inOldDatabase(markOne);
  const one = await shell(moveOne);
  expect(one).toMatch(/would_prove +1\n[^]*imported +1\n/);
  expect(await webhooksOf(service, 'tenant-1')).toEqual([expect.stringContaining(service.url)]);
  expect(await runShell(TOKEN_OF, folder, { DATABASE_URL: database.url, SERVICE_URL: service.url })).not.toBe('');

  await inOldDatabase(markAll);
  const all = await shell(moveAll);
  expect(all).toMatch(new RegExp(`would_prove +${TENANTS - 1 - ended.length}\n[^]*imported +${TENANTS - 1}\n`));
  expect(all).toMatch(/already_connected +1\n/);
  await bookings.stop();

  // One webhook each, and nobody was asked.
  for (const tenant of tenants)
    expect(await webhooksOf(service, tenant), tenant).toEqual([expect.stringContaining(service.url)]);
  expect(controls.calls().filter(({ path }) => path.includes('authorize'))).toEqual([]);
  const presentations = (tenant: string) => controls.tokens(tenant).pairs.flatMap(({ presentations: each }) => each);
  expect(tenants.filter((tenant) => presentations(tenant).length > 0)).toEqual(ended);
  // Every booking is there, once, whichever system was told of it first.
  await forEach(tenants, async (tenant) => {
    const theirs = controls.meetings(tenant).map(({ inviteeUri }) => inviteeUri);
    const isThere = async () => {
      const { items } = (await service.api('GET', `/v1/tenants/${tenant}/meetings?limit=100`)).body;
      const ours = items.map(({ inviteeUri }: { inviteeUri: string }) => inviteeUri);
      return JSON.stringify(ours.sort()) === JSON.stringify([...theirs].sort());
    };
    await waitFor(isThere, { describe: `the meetings of ${tenant}`, timeoutMs: 20_000 });
  });
  expect(bookings.made()).toBeGreaterThan(TENANTS / 4);

  await shell(takeBack);
  expect((await service.api('GET', connectionPath('tenant-1'))).body).toMatchObject({
    state: 'disconnected',
    debts: [],
  });
  expect(await webhooksOf(service, 'tenant-1')).toEqual([]);
  const { rows } = await sql<{ refresh_token: string }>`select refresh_token from calendly_connections
    where tenant_id = 'tenant-1' and not moved`.execute(database.db);
  old.rows.get('tenant-1')!.refresh_token = rows[0]!.refresh_token;
  expect(await old.refresh('tenant-1')).toBe(200);
  await inOldDatabase(cleanUp);
  const left = await sql`select tenant_id from calendly_connections`.execute(database.db);
  expect(left.rows).toEqual([{ tenant_id: 'tenant-1' }]);
}, 90_000);

/** What the page says of one place that is asked for tokens. */
const TOKEN_OF = `node -e "import('./calendly-token.js').then(({ accessTokenOf }) => accessTokenOf('tenant-1')).then(console.log)"`;

async function storeOldTable({ db }: TestDatabase, { rows }: OldApplication): Promise<void> {
  await sql`create table calendly_connections (tenant_id text primary key, access_token text, refresh_token text,
    token_expires_at timestamptz, webhook_uri text, webhook_signing_key text)`.execute(db);
  const list = JSON.stringify([...rows.values()]);
  await sql`insert into calendly_connections select * from
    json_populate_recordset(null::calendly_connections, ${list}::json)`.execute(db);
}

async function webhooksOf({ sandbox }: TestService, tenant: string): Promise<string[]> {
  return sandbox.controls.subscriptions({ account: tenant }).map(({ callback_url: url }) => url);
}

async function runShell(block: string, cwd: string, env: Record<string, string>): Promise<string> {
  const npx = `npx() { shift; node "${PROJECT}/src/main.ts" "$@"; }`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -eu -o pipefail\n${npx}\n${block}`], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', SERVICE_API_KEY: API_KEY, ...env },
  });
  return stdout;
}

/** Somebody books with a tenant every few milliseconds, until it is stopped. */
function startBookings({ sandbox }: TestService): { stop(): Promise<void>; made(): number } {
  let isGoing = true;
  let made = 0;
  const going = (async () => {
    while (isGoing) {
      const account = tenants[(made * 37) % TENANTS]!;
      sandbox.controls.book({ account, name: `Guest ${made}`, email: `guest-${made}@guest.example` });
      made++;
      await pause(BETWEEN_BOOKINGS_MS);
    }
  })();
  return {
    made: () => made,
    async stop() {
      isGoing = false;
      await going;
      await sandbox.controls.deliveries.idle();
    },
  };
}
