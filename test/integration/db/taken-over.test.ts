import { expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startTestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('an instance stands still when another one takes its installation over', async () => {
  const first = await startTestService();
  await connectTenant(first, 'acme', 'alice');
  const second = await startTestService({
    database: first.database,
    sharedSandbox: first.sandbox,
    env: { ADOPT_INSTALLATION: 'http://127.0.0.1:1/elsewhere', PUBLIC_URL: 'http://127.0.0.1:1/elsewhere' },
  });
  expect((await second.api('GET', '/health/ready')).status).toBe(200);
  await waitFor(async () => (await first.api('GET', '/health/ready')).body.code === 'installation_changed', {
    describe: 'the first one to notice',
    timeoutMs: 15_000,
  });
  expect((await first.api('POST', `${connectionPath('acme')}/retry`)).body.code).toBe('installation_changed');
  expect((await first.api('GET', connectionPath('acme'))).status).toBe(200);
  await second.stop();

  // Nobody acts now: what is due stays due.
  const calls = first.sandbox.controls.calls().length;
  await makeTimerDue(first.database, 'acme', 'watch');
  const fetched = () => first.logged.filter((line) => line.includes('calendly exchange')).length;
  const before = fetched();
  await waitFor(async () => (await first.api('GET', '/metrics')).status === 200);
  const { rows } = await first.database.pool.query<{ claimed_until: Date | null }>(
    "select claimed_until from timer where due_at <= now() and name = 'watch'",
  );
  expect(rows).toEqual([{ claimed_until: null }]);
  expect([first.sandbox.controls.calls().length, fetched()]).toEqual([calls, before]);
  await first.stop();
});
