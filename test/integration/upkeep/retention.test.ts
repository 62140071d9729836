import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyRetention } from '../../../src/upkeep/apply-retention.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number) => () => new Date(Date.now() + days * DAY_MS);
const RETENTION = { historyDays: 400, exchangesDays: 30, deliveriesDays: 90 };
const NOTHING = {
  history: 0,
  effect: 0,
  refresh_intent: 0,
  debt: 0,
  backfill: 0,
  exchange: 0,
  delivery: 0,
  audit: 0,
  ended_session: 0,
  consent_attempt: 0,
};

describe('a tenant that has been connected for a while', () => {
  let running: TestService;
  beforeAll(async () => {
    running = await startTestService();
    const { api, sandbox } = running;
    await connectTenant(running, 'acme', 'alice');
    await connectTenant(running, 'other', 'bob');
    await api('POST', `${connectionPath('acme')}/refresh`);
    sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
    await waitFor(async () => (await api('GET', '/v1/tenants/acme/meetings')).body.items.length === 1, {
      describe: 'the meeting',
    });
    await api('POST', `${connectionPath('acme')}/connect`, { body: { switchAccount: true } });
  });
  afterAll(() => running.stop());

  const count = async (table: 'history' | 'exchange' | 'delivery' | 'effect' | 'consent_attempt' | 'meeting') =>
    Number(
      (
        await running.database.db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    );
  const checkpoints = async () =>
    (
      await running.database.db
        .selectFrom('history')
        .select(['tenant_id', 'note'])
        .where('kind', '=', 'checkpoint')
        .orderBy('id')
        .execute()
    ).map((row) => `${row.tenant_id} ${row.note}`);

  test('keeps everything while it is young', async () => {
    expect(await applyRetention(running.database.db, RETENTION, { now: inDays(0) })).toEqual(NOTHING);
  });

  test('keeps its history while it loses its exchanges, and those while it loses its attempts', async () => {
    const { db } = running.database;
    const attempts = await count('consent_attempt');
    expect(attempts).toBeGreaterThan(0);
    expect(await applyRetention(db, RETENTION, { now: inDays(1) })).toEqual({ ...NOTHING, consent_attempt: attempts });
    expect(
      await db
        .selectFrom('credential')
        .select('id')
        .where('purpose', 'in', ['code_verifier', 'authorization_code'])
        .execute(),
    ).toEqual([]);
    const exchanges = await count('exchange');
    expect(exchanges).toBeGreaterThan(0);
    expect(await applyRetention(db, RETENTION, { now: inDays(31) })).toEqual({ ...NOTHING, exchange: exchanges });
    expect(await applyRetention(db, RETENTION, { now: inDays(91) })).toMatchObject({ delivery: 1, history: 0 });
    expect(await count('meeting')).toBe(1);
    expect(await checkpoints()).toEqual(['acme created', 'other created']);
  });

  test('is pruned while events go on, by two at once, and replay still gives what is stored', async () => {
    const {
      api,
      database: { db },
    } = running;
    const busy = async () => {
      for (let round = 0; round < 10; round++) await api('POST', `${connectionPath('other')}/connect`);
    };
    // Everything is older than a cutoff in the future: the harshest case, in which even the newest rows go.
    const prune = async () => {
      for (let round = 0; round < 10; round++) await applyRetention(db, RETENTION, { now: inDays(401), batch: 7 });
    };
    await Promise.all([busy(), prune(), prune()]);
    await waitFor(async () => (await api('GET', connectionPath('other'))).body.state === 'connected', {
      describe: 'other connected',
    });
    // The last back-fill goes on beside that state, and its end is a row of history.
    await waitFor(
      async () => (await db.selectFrom('effect').select('id').where('answered_at', 'is', null).execute()).length === 0,
      { describe: 'every effect to be answered', timeoutMs: 15_000 },
    );
    expect(await replayHistory(db)).toEqual([]);
  });

  test('gets one checkpoint per retention period, however often its history is pruned', async () => {
    const { db } = running.database;
    await applyRetention(db, RETENTION, { now: inDays(900) });
    expect(await checkpoints()).toEqual(['acme pruned', 'other pruned']);
    expect(await count('history')).toBe(2);
    for (const days of [901, 1000, 1299])
      expect(await applyRetention(db, RETENTION, { now: inDays(days) })).toMatchObject({ history: 0 });
    expect(await checkpoints()).toEqual(['acme pruned', 'other pruned']);
    expect(await applyRetention(db, RETENTION, { now: inDays(1301) })).toMatchObject({ history: 2 });
    expect(await checkpoints()).toEqual(['acme pruned', 'other pruned']);
    expect(await replayHistory(db)).toEqual([]);
  });

  test('goes on as if nothing had been deleted', async () => {
    const {
      api,
      sandbox,
      database: { db },
    } = running;
    expect((await api('POST', `${connectionPath('other')}/connect`)).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected' },
    });
    expect(sandbox.controls.subscriptions({ account: 'bob' })).toHaveLength(1);
    expect((await api('DELETE', connectionPath('acme'))).body.debts).toEqual([]);
    expect(await replayHistory(db)).toEqual([]);
  });
});

describe('rows that are still in use', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.close());
  const long = new Date(Date.now() - 1000 * DAY_MS);
  const row = (extra: object) => ({ tenant_id: 'acme', created_at: long, ...extra });

  test('stay whatever their age, and many go in small batches, stopped at once when asked to', async () => {
    const { db } = database;
    const effect = (answered_at: Date | null) => ({
      ...row({}),
      id: randomUUID(),
      type: 'revokeGrant',
      params: '{}',
      version: 1,
      job_id: randomUUID(),
      answered_at,
      created_at: long,
    });
    const debt = (id: string, settled_at: Date | null) => ({
      tenant_id: 'acme',
      id,
      kind: 'grant',
      grant_id: randomUUID(),
      status: 'waiting',
      created_at: long,
      settled_at,
    });
    await db
      .insertInto('effect')
      .values([effect(null), ...Array.from({ length: 95 }, () => effect(long))])
      .execute();
    await db
      .insertInto('debt')
      .values([debt('open', null), debt('settled', long)])
      .execute();

    const stopped = new AbortController();
    stopped.abort();
    expect(await applyRetention(db, RETENTION, { now: inDays(0), signal: stopped.signal })).toEqual(NOTHING);
    const both = await Promise.all([1, 2].map(() => applyRetention(db, RETENTION, { now: inDays(0), batch: 10 })));
    expect(both[0]!.effect + both[1]!.effect).toBe(95);
    expect(both[0]!.debt + both[1]!.debt).toBe(1);
    expect(await db.selectFrom('effect').select('answered_at').execute()).toEqual([{ answered_at: null }]);
    expect(await db.selectFrom('debt').select('id').execute()).toEqual([{ id: 'open' }]);
  });

  test('are the latest back-fill of each tenant, too', async () => {
    const { db } = database;
    const run = (tenant_id: string, number: number) => ({
      tenant_id,
      run: number,
      grant_id: randomUUID(),
      reason: 'poll',
      window_from: long,
      started_at: long,
      updated_at: long,
    });
    await db
      .insertInto('backfill')
      .values([run('acme', 1), run('acme', 2), run('acme', 3), run('other', 1)])
      .execute();
    expect(await applyRetention(db, RETENTION, { now: inDays(0), batch: 1 })).toMatchObject({ backfill: 2 });
    expect(await db.selectFrom('backfill').select(['tenant_id', 'run']).orderBy('tenant_id').execute()).toEqual([
      { tenant_id: 'acme', run: 3 },
      { tenant_id: 'other', run: 1 },
    ]);
  });
});
