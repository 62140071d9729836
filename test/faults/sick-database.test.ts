import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../support/service/connect-tenant.ts';
import { makeSick, type SickPostgres } from '../support/postgres/sick-postgres.ts';
import { startTestService, type Answer, type TestService } from '../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres/test-database.ts';
import { waitFor } from '../support/service/wait-for.ts';

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

describe('tokens that are in hand while the database is', () => {
  const sicknesses: Record<string, () => Promise<(() => Promise<void>) | void>> = {
    silent: async () => sick.fallSilent(),
    'not there': async () => sick.refuse(),
    'refusing the login': () => sick.refuseLogin(),
    'a standby for the moment': () => sick.forbidWriting(),
    "holding the tenant's row for somebody else": () => sick.lockTenant('acme'),
  };
  test.each(Object.keys(sicknesses))(
    '%s are stored once it is well again',
    async (sickness) => {
      await connectTenant(running, 'acme', 'alice');
      const { controls } = running.sandbox;
      controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 700 });
      await running.api('POST', `${connectionPath('acme')}/connect`, {
        body: {},
        headers: { prefer: 'respond-async' },
      });
      await waitFor(() => controls.calls().some(({ path, fault }) => path === '/oauth/token' && fault !== null), {
        describe: 'the tokens to be on their way',
      });
      const recover = await sicknesses[sickness]!();
      await waitFor(
        () =>
          running.logged.some(
            (line) =>
              line.includes('calendly exchange') && line.includes('/oauth/token') && line.includes('refreshToken'),
          ),
        { describe: 'the answer', timeoutMs: 10_000 },
      );
      await waitFor(() => running.logged.some((line) => line.includes('could not be stored yet')), {
        describe: 'a save that fails',
        timeoutMs: 15_000,
      });
      await recover?.();
      await sick.heal();
      await waitFor(async () => (await view('acme')).state === 'connected', {
        describe: 'the connection to go on',
        timeoutMs: 30_000,
      });
      expect((await view('acme')).lastError).toBeNull();
      const presentations = controls
        .tokens('alice')
        .pairs.flatMap((pair) => pair.presentations.map(({ result }) => result));
      expect(presentations).toEqual(['refreshed']);
      expect((await running.api('GET', '/v1/tenants/acme/access-token')).status).toBe(200);
    },
    90_000,
  );
});
