import { expect, test } from 'vitest';
import { connectTenant, connectionPath } from '../../support/service/connect-tenant.ts';
import { startTestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('a service that stops says so at once, ends the work in hand, and closes its port last', async () => {
  const service = await startTestService({ env: { REFRESH_RECENT_SECONDS: '0' } });
  await connectTenant(service, 'acme', 'alice');
  service.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delay', ms: 2_500 });
  await service.api('POST', `${connectionPath('acme')}/connect`, { body: {}, headers: { prefer: 'respond-async' } });
  await waitFor(() => service.sandbox.controls.calls().some(({ path }) => path === '/oauth/token'));
  const stopped = service.stop();
  const ready = await service.api('GET', '/health/ready');
  expect(ready).toMatchObject({ status: 503, body: { code: 'stopping' } });
  expect((await service.api('GET', connectionPath('acme'))).status).toBe(200);
  await stopped;
  await expect(service.api('GET', '/health/live')).rejects.toThrow();
});

test('a connection for LISTEN that breaks is made again', async () => {
  const service = await startTestService();
  const listeners = `from pg_stat_activity where application_name = 'calendly-reconnect listen' and datname = current_database()`;
  const count = async () => Number((await service.database.pool.query(`select count(*) as n ${listeners}`)).rows[0].n);
  expect(await count()).toBe(1);
  await service.database.pool.query(`select pg_terminate_backend(pid) ${listeners}`);
  await waitFor(async () => (await service.api('GET', '/health/ready')).status === 200 && (await count()) === 1);
  await service.stop();
});
