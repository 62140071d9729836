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
  const reader = 'a-key-that-may-only-read-4711';
  const env = {
    ...testServiceEnvironment({ publicUrl, port, calendlyUrl: sandbox.url }),
    DATABASE_URL: database.url,
    API_KEYS: `${API_KEY},reader:read:${reader}`,
  };
  const config = loadConfig(env, { dataDir: '/nonexistent' });
  const host = fastify({ routerOptions: { maxParamLength: 512 } });
  host.get('/', () => ({ host: true }));
  await host.register(calendlyReconnect, {
    prefix: '/calendly',
    config,
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
  const lost = await fetch(`${publicUrl}/lost`, { headers: { accept: 'text/html' } });
  expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining('<a href="./inspector">')]);
  expect((await request(`http://127.0.0.1:${port}/`, 'GET')).body).toEqual({ host: true });

  // Under the prefix, too, a key may do what its scopes say, a command has its name in the audit, and the routes are described.
  const asReader = { authorization: `Bearer ${reader}` };
  expect((await request(`${publicUrl}/v1/tenants/acme/meetings`, 'GET', undefined, asReader)).status).toBe(200);
  const refused = await request(`${publicUrl}/v1/tenants/acme/connection`, 'DELETE', undefined, asReader);
  expect([refused.status, refused.body.scope]).toEqual([403, 'connect']);
  const { body: audit } = await request(`${publicUrl}/v1/audit?limit=1`, 'GET', undefined, key);
  expect(audit.items).toMatchObject([{ action: 'disconnect', outcome: 'refused', actor: { name: 'reader' } }]);
  expect((await request(`${publicUrl}/docs`, 'GET')).body).toContain('/calendly/v1/tenants/{tenantId}/connection');
  const { body: description } = await request(`${publicUrl}/openapi.json`, 'GET');
  expect(description.paths['/calendly/v1/tenants/{tenantId}/meetings'].get).toMatchObject({
    operationId: 'listMeetings',
    description: 'Scope `read`.',
  });

  await host.close();
  await sandbox.close();
  await database.close();
});
