import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { sql } from 'kysely';
import { loadConfig } from '../../src/config/load-config.ts';
import { dispatch, ensureConnection } from '../../src/connection/dispatch/dispatch.ts';
import { storeCredential } from '../../src/grants/credentials.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { createLogger } from '../../src/logger/create-logger.ts';
import { startService } from '../../src/boot/start-service.ts';
import { freePort } from '../support/service/free-port.ts';
import { measure, type Measured } from './measure.ts';

/**
 * `npm run bench`: how much the service costs over the least that could do the job, measured in the same run on the same
 * database: a bare Fastify route that stores the bytes, and a bare transaction that updates one row.
 */
const folder = mkdtempSync(join(tmpdir(), 'calendly-reconnect-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir: folder });
const port = await freePort();
const config = loadConfig(
  {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    CALENDLY_CLIENT_ID: 'bench',
    CALENDLY_CLIENT_SECRET: 'bench-secret',
    CALENDLY_AUTH_BASE_URL: 'http://127.0.0.1:9',
    CALENDLY_API_BASE_URL: 'http://127.0.0.1:9',
    API_KEYS: 'bench-api-key-of-16-characters',
    ENCRYPTION_KEYS: `k:${randomBytes(32).toString('base64')}`,
    INSPECTOR_PASSWORD: 'bench-password',
  },
  { dataDir: folder },
);
const service = await startService({ config, databaseUrl: postgres.url, log: createLogger({ level: 'silent' }) });
await service.app.listen({ host: '127.0.0.1', port });
const { db, box } = service.deps;
const load = { count: 2000, parallel: 16 };
const results: Measured[] = [];

const body = (index: number) =>
  JSON.stringify({
    created_at: '2026-06-01T10:00:00.000000Z',
    created_by: 'https://api.calendly.com/users/BENCH',
    event: 'invitee.created',
    payload: {
      cancel_url: 'https://calendly.com/cancellations/x',
      created_at: '2026-06-01T10:00:00.000000Z',
      email: 'guest@bench.example',
      event: `https://api.calendly.com/scheduled_events/E${index}`,
      name: 'Bench Guest',
      new_invitee: null,
      no_show: null,
      old_invitee: null,
      rescheduled: false,
      scheduled_event: {
        end_time: '2026-07-01T10:30:00.000000Z',
        event_memberships: [],
        location: null,
        name: 'Bench',
        start_time: '2026-07-01T10:00:00.000000Z',
        status: 'active',
        updated_at: '2026-06-01T10:00:00.000000Z',
        uri: `https://api.calendly.com/scheduled_events/E${index}`,
      },
      status: 'active',
      timezone: 'Europe/Zurich',
      updated_at: '2026-06-01T10:00:00.000000Z',
      uri: `https://api.calendly.com/scheduled_events/E${index}/invitees/I${index}`,
    },
  });

// The baseline of receipt: the bytes are stored, nothing is verified, merged or counted.
await sql`create table bench_baseline (id bigint generated always as identity primary key, body bytea not null)`.execute(
  db,
);
await sql`create table bench_row (id integer primary key, counter integer not null)`.execute(db);
await sql`insert into bench_row select generate_series(0, 99), 0`.execute(db);
const bare = fastify({ logger: false });
bare.removeAllContentTypeParsers();
bare.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
bare.post('/', async (request) => {
  await sql`insert into bench_baseline (body) values (${request.body})`.execute(db);
  return {};
});
const bareUrl = await bare.listen({ host: '127.0.0.1', port: 0 });
const post = async (url: string, text: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
};
results.push(await measure('store the bytes of a delivery (baseline)', load, (index) => post(bareUrl, body(index))));

const subscriptionId = randomUUID();
const key = randomBytes(32).toString('hex');
await db.transaction().execute(async (trx) => {
  await ensureConnection(trx, service.deps, 'bench', { kind: 'route', route: 'bench' });
  const signingKeyId = await storeCredential(trx, box, { tenantId: 'bench', purpose: 'signing_key', value: key });
  await trx
    .insertInto('subscription')
    .values({
      id: subscriptionId,
      tenant_id: 'bench',
      grant_id: randomUUID(),
      account_uri: 'https://api.calendly.com/users/BENCH',
      organization_uri: 'https://api.calendly.com/organizations/BENCH',
      callback_url: `${config.publicUrl}/webhooks/calendly/${subscriptionId}`,
      signing_key_id: signingKeyId,
      status: 'live',
      scope: 'user',
      events: ['invitee.created'],
      created_at: new Date(),
    })
    .execute();
});
results.push(
  await measure('receive a delivery: verify, store, merge, tell the host', load, (index) => {
    const text = body(index);
    const at = Math.floor(Date.now() / 1000);
    const signature = `t=${at},v1=${createHmac('sha256', key).update(`${at}.${text}`).digest('hex')}`;
    return post(`${config.publicUrl}/webhooks/calendly/${subscriptionId}`, text, {
      'calendly-webhook-signature': signature,
    });
  }),
);

results.push(
  await measure('update one row in a transaction (baseline)', load, async (index) => {
    await db
      .transaction()
      .execute((trx) => sql`update bench_row set counter = counter + 1 where id = ${index % 100}`.execute(trx));
  }),
);
const cause = { kind: 'route', route: 'bench' } as const;
for (let index = 0; index < 100; index++) {
  await db.transaction().execute((trx) => ensureConnection(trx, service.deps, `tenant-${index}`, cause));
}
const attemptExpiresAt = new Date(Date.now() + 3_600_000).toISOString();
results.push(
  await measure('dispatch an event: lock, decide, snapshot, history, timer', load, async (index) => {
    await db
      .transaction()
      .execute((trx) =>
        dispatch(
          trx,
          service.deps,
          `tenant-${index % 100}`,
          { type: 'connect', switchAccount: false, attemptId: randomUUID(), attemptExpiresAt, recentMs: 0 },
          cause,
        ),
      );
  }),
);

console.table(
  results.map(({ name, perSecond, p50Ms, p99Ms }) => ({
    what: name,
    'per second': Math.round(perSecond),
    'p50 ms': Number(p50Ms.toFixed(1)),
    'p99 ms': Number(p99Ms.toFixed(1)),
  })),
);
await bare.close();
await service.stop();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
