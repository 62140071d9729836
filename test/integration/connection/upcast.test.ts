import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MACHINE_VERSION, upcasts } from '../../../machines/connection/index.ts';
import { rehearse, type Difference } from '../../../src/connection/reads/rehearse.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { runProgram } from '../../support/service/run-program.ts';
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

test('a rehearsal names the tenants that this machine would lead elsewhere, and changes nothing', async () => {
  const { db, url } = service.database;
  const found: Difference[] = [];
  const onDifference = (each: Difference) => void found.push(each);
  expect(await rehearse(db, { onDifference })).toMatchObject({ tenants: 1, events: expect.any(Number) });
  expect(found).toEqual([]);

  // What another machine might have made of the same events. In one view of the database: the service goes on meanwhile.
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const copy = async (tenantId: string, changes: object) => {
        const changed = JSON.stringify({ tenant_id: tenantId, ...changes });
        await sql`
          insert into connection select (jsonb_populate_record(connection, ${changed}::jsonb)).*
          from connection where tenant_id = ${TENANT}`.execute(trx);
        await sql`
          insert into history (tenant_id, version, kind, at, event, from_state, to_state, machine_version, cause, actions, note, snapshot)
          select ${tenantId}, version, kind, at, event, from_state, to_state, machine_version, cause, actions, note, snapshot
          from history where tenant_id = ${TENANT} order by id`.execute(trx);
      };
      const row = await trx.selectFrom('connection').select('snapshot').executeTakeFirstOrThrow();
      const snapshot = row.snapshot as unknown as { context: object };
      await copy('a-elsewhere', { snapshot: { ...snapshot, value: { disconnected: 'idle' } } });
      await copy('b-details', { snapshot: { ...snapshot, context: { ...snapshot.context, refreshFailures: 7 } } });
      await copy('c-newer', { machine_version: MACHINE_VERSION + 1 });
    });
  await rehearse(db, { onDifference });
  expect(found).toEqual([
    {
      tenantId: 'a-elsewhere',
      kind: 'elsewhere',
      stored: 'disconnected.idle',
      replayed: 'connected.webhooks',
      event: null,
    },
    { tenantId: 'b-details', kind: 'details', state: 'connected.webhooks', fields: ['refreshFailures'] },
    { tenantId: 'c-newer', kind: 'unreadable', problem: expect.stringContaining('has no way to version') },
  ]);

  const program = runProgram('src/main.ts', ['rehearse'], { env: { DATABASE_URL: url } });
  expect(await program.ended).toBe(1);
  expect(program.stdout()).toMatch(
    /^4 tenants, \d+ events: 1 would be in another state, 1 cannot be read, 1 differ in details\.\n/,
  );
  expect(program.stdout()).toContain('  a-elsewhere  is in disconnected.idle, would be in connected.webhooks\n');
});
