import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { makeSick, type SickPostgres } from '../../support/postgres/sick-postgres.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let database: TestDatabase;
let sick: SickPostgres;
let running: TestService;
beforeEach(async () => {
  database = await createTestDatabase();
  sick = await makeSick(database);
  running = await startTestService({
    database: { ...database, url: sick.url },
    env: { REFRESH_RECENT_SECONDS: '0' },
    sandbox: { switches: { tokenRateLimit: null } },
  });
});
afterEach(async () => {
  await sick.heal();
  await running.stop();
  await running.sandbox.close();
  await sick.close();
  await database.close();
});

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const ready = async () => (await running.api('GET', '/health/ready')).status;

describe('a database that falls silent', () => {
  test('costs a request a few seconds, and nothing once new connections are answered', async () => {
    await connectTenant(running, 'acme', 'alice');
    // Every connection of the pool has been used, and is idle.
    await Promise.all(Array.from({ length: 30 }, () => view('acme')));
    sick.fallSilent();
    const answers = await Promise.all(Array.from({ length: 12 }, () => running.api('GET', connectionPath('acme'))));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [503, 'database_unavailable']),
    );
    await sick.heal();
    // The old connections are as silent as before: they are closed, and not tried one after the other.
    const first = await waitFor(async () => ((await ready()) === 200 ? performance.now() : undefined), {
      timeoutMs: 20_000,
      describe: 'the database to be reached anew',
    });
    const well = await Promise.all(Array.from({ length: 30 }, () => running.api('GET', connectionPath('acme'))));
    expect(well.map(({ status }) => status)).toEqual(well.map(() => 200));
    // Far below one silent connection after the other, each for as long as a statement may take.
    expect(performance.now() - first).toBeLessThan(5_000);
    await makeTimerDue(database, 'acme', 'watch');
    await waitFor(
      () => running.sandbox.controls.calls().some(({ path }) => path.startsWith('/webhook_subscriptions/')),
      { describe: 'the workers to go on', timeoutMs: 30_000 },
    );
  }, 120_000);
});

describe('a tenant whose row another session holds', () => {
  test('is told to come again, and costs nobody else anything', async () => {
    await connectTenant(running, 'held', 'alice');
    await connectTenant(running, 'free', 'bob');
    const release = await sick.lockTenant('held');
    for (const timer of ['watch', 'refresh']) await makeTimerDue(database, 'held', timer);
    const held = Promise.all(Array.from({ length: 40 }, () => running.api('POST', `${connectionPath('held')}/retry`)));
    // While they wait: readiness, reads, commands and timers of everybody else.
    for (let round = 0; round < 5; round++) {
      expect(await ready()).toBe(200);
      expect((await running.api('POST', `${connectionPath('free')}/resync`)).status).toBe(202);
      await waitFor(async () => (await view('free')).state === 'connected');
    }
    await makeTimerDue(database, 'free', 'refresh');
    await waitFor(() => running.sandbox.controls.tokens('bob').pairs.length === 2, {
      describe: 'a timer of somebody else',
    });
    expect((await view('held')).state).toBe('connected');
    const answers = await held;
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['503 database_unavailable', '503 tenant_busy']),
    );
    expect(answers.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true);
    await release();
    await waitFor(() => running.sandbox.controls.tokens('alice').pairs.length === 2, {
      describe: 'its own timer, once the row is free',
      timeoutMs: 60_000,
    });
  }, 120_000);
});
