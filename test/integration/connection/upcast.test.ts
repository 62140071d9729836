import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MACHINE_VERSION, upcasts } from '../../../machines/connection/index.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const TENANT = 'from-an-older-machine';
let service: TestService;

beforeAll(async () => {
  // What a machine before the first one might have called the same state, and how it is brought up to it.
  upcasts[0] = (snapshot) => ({ ...snapshot, value: { connected: 'webhooks' } });
  service = await startTestService();
});

afterAll(async () => {
  await service.stop();
  delete upcasts[0];
});

test('a connection that an older machine stored is shown, goes on, and is replayed from what was understood of it', async () => {
  const {
    api,
    database: { db },
  } = service;
  await connectTenant(service, TENANT, 'alice');
  await waitFor(
    async () => (await db.selectFrom('effect').select('id').where('answered_at', 'is', null).execute()).length === 0,
  );
  await db
    .updateTable('connection')
    .set({ machine_version: 0, snapshot: sql`jsonb_set(snapshot, '{value}', '{"connected": "listening"}')` })
    .where('tenant_id', '=', TENANT)
    .execute();

  const { body: shown } = await api('GET', connectionPath(TENANT));
  expect(shown).toMatchObject({ state: 'connected', substate: 'webhooks' });
  const checkpoints = () =>
    db
      .selectFrom('history')
      .select(['version', 'machine_version', 'to_state', 'note'])
      .where('tenant_id', '=', TENANT)
      .where('kind', '=', 'checkpoint')
      .where('note', '=', 'upcast')
      .execute();
  expect(await checkpoints()).toEqual([]);

  expect((await api('POST', `${connectionPath(TENANT)}/resync`)).status).toBe(202);
  expect(await checkpoints()).toEqual([
    { version: shown.version, machine_version: MACHINE_VERSION, to_state: 'connected.webhooks', note: 'upcast' },
  ]);
  const { body: settled } = await api('POST', `${connectionPath(TENANT)}/connect`, { body: {} });
  expect(settled.connection).toMatchObject({ state: 'connected', substate: 'webhooks' });
  expect(await replayHistory(db)).toEqual([]);
});
