import fastify from 'fastify';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { calendlyReconnect } from '../../../src/plugin.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { freePort } from '../../support/service/free-port.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { API_KEY, CLIENT, request, testServiceEnvironment } from '../../support/service/start-test-service.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';

test('a host that embeds the service connects a tenant under its own prefix and keeps its own routes', async () => {
  const database = await createTestDatabase();
  const sandbox = await startSandbox(CLIENT);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}/calendly`;
  const config = loadConfig(testServiceEnvironment({ publicUrl, port, calendlyUrl: sandbox.url }), {
    dataDir: '/nonexistent',
  });
  const host = fastify({ routerOptions: { maxParamLength: 512 } });
  host.get('/', () => ({ host: true }));
  await host.register(calendlyReconnect, {
    prefix: '/calendly',
    config,
    databaseUrl: database.url,
    log: createLogger({ level: 'silent' }),
  });
  await host.listen({ host: '127.0.0.1', port });

  const key = { authorization: `Bearer ${API_KEY}` };
  const asked = await request(`${publicUrl}/v1/tenants/acme/connection/connect`, 'POST', undefined, key);
  expect(await (await giveConsent(asked.body.authorizeUrl, 'alice')).text()).toContain('Calendly is connected');
  const { body: connection } = await request(`${publicUrl}/v1/tenants/acme/connection`, 'GET', undefined, key);
  expect(connection).toMatchObject({ state: 'connected', substate: 'webhooks' });
  expect((await request(`${publicUrl}/v1/tenants/acme/nothing`, 'GET', undefined, key)).body).toMatchObject({
    code: 'not_found',
  });
  expect((await request(`http://127.0.0.1:${port}/`, 'GET')).body).toEqual({ host: true });

  await host.close();
  await sandbox.close();
  await database.close();
});
