import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { connectTenant } from '../support/service/connect-tenant.ts';
import { freePort } from '../support/service/free-port.ts';
import { API_KEY, CLIENT, request, testServiceEnvironment } from '../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres/test-database.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../support/service/start-receiver.ts';

let receiver: Receiver;
let database: TestDatabase;
let sandbox: Sandbox;
let port: number;
let child: ChildProcess;
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const api = (method: string, path: string, { body }: { body?: unknown } = {}) =>
  request(`http://127.0.0.1:${port}${path}`, method, body, { authorization: `Bearer ${API_KEY}` });

async function start(): Promise<void> {
  const env = {
    ...testServiceEnvironment({ publicUrl: `http://127.0.0.1:${port}`, port, calendlyUrl: sandbox.url }),
    ...receiver.env,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'silent',
  };
  child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' });
  await waitFor(async () => (await api('GET', '/health/ready')).status === 200, {
    timeoutMs: 30_000,
    describe: 'the service',
  });
}
async function kill(): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

beforeAll(async () => {
  receiver = await startReceiver();
  database = await createTestDatabase();
  sandbox = await startSandbox(CLIENT);
  port = await freePort();
  await start();
});
afterAll(async () => {
  await kill();
  await sandbox.close();
  await receiver.close();
  await database.close();
});

test('tells every booking although the service is killed while it receives and while it sends', async () => {
  await connectTenant({ api } as never, 'acme', 'alice');
  const told = () =>
    new Set(receiver.taken(({ type }) => type === 'meeting.created').map(({ id, data }) => `${data.name} ${id}`));
  let booked = 0;
  const book = (count: number) => {
    for (const end = booked + count; booked < end; booked++)
      sandbox.controls.book({ account: 'alice', name: `Guest ${booked}`, email: 'guest@guest.example' });
  };
  for (const some of [1, 4]) {
    book(15);
    const before = told().size;
    await waitFor(() => told().size >= before + some, { describe: 'some events', timeoutMs: 15_000 });
    await kill();
    await start();
    sandbox.controls.deliveries.retryNow();
  }
  // What was in hand when the service was killed is claimed for a minute: time is not waited for.
  await waitFor(
    async () => {
      await database.db
        .updateTable('host_event')
        .set({ claimed_until: new Date(0), next_attempt_at: new Date(0) })
        .where('status', '=', 'waiting')
        .execute();
      sandbox.controls.deliveries.retryNow();
      return told().size >= 30;
    },
    { describe: 'all thirty', timeoutMs: 30_000 },
  );
  await waitFor(async () => (await api('GET', '/v1/events/outgoing?status=waiting')).body.items.length === 0, {
    describe: 'nothing left',
  });
  expect(told().size).toBe(30);
  const meetings = (await api('GET', '/v1/tenants/acme/meetings?limit=100')).body.items;
  expect([...told()].map((each) => each.replace(/ [^ ]+$/, '')).sort()).toEqual(
    meetings.map(({ name }: { name: string }) => name).sort(),
  );
}, 120_000);
