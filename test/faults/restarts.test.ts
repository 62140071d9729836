import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { startOwnPostgres } from '../support/postgres/own-postgres.ts';
import { startWorld, type TestWorld, type WorldOptions } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, connectInWorld } from './journeys.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function newWorld(options: WorldOptions = {}): Promise<TestWorld> {
  const world = await startWorld(options);
  ends.push(() => world.stop());
  for (const slug of ['ada', 'ben', 'cleo', 'dan']) world.sandbox.controls.accounts.add({ slug, name: slug });
  return world;
}

const tokensOf = ({ sandbox }: TestWorld, account: string) => sandbox.controls.tokens(account);

test('PostgreSQL restarts between the answer and its save: the tokens are saved once it is back', async () => {
  const own = await startOwnPostgres();
  ends.push(() => own.end());
  const world = await newWorld({ database: own });
  await connectInWorld(world, 'acme', 'ada');
  await world.gates.close('commit', 'refreshToken');
  await world.api('POST', `${connectionOf('acme')}/refresh`);
  await world.gates.reached('commit');

  // One backend that dies takes all others with it, and the server recovers: every transaction is lost, every connection too.
  const { rows } = await sql<{
    pid: number;
  }>`select pid from pg_locks where locktype = 'advisory' and not granted`.execute(own.db);
  process.kill(rows[0]!.pid, 'SIGKILL');
  await waitFor(
    async () =>
      tokensOf(world, 'ada').pairs.length === 2 && (await world.contextOf('acme')).state === 'connected.webhooks',
    { describe: 'the save', timeoutMs: 30_000 },
  );
  expect(tokensOf(world, 'ada').pairs[0]!.presentations).toHaveLength(1);
  await world.settle();
  expect(await checkInvariants(world, ['ada'])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  expect(world.instances[0]!.isAlive()).toBe(true);
});

test('told to stop with an answer on its way, the service stores it first', async () => {
  const world = await newWorld();
  await connectInWorld(world, 'acme', 'ada');
  world.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 2000 });
  await world.api('POST', `${connectionOf('acme')}/refresh`);
  await waitFor(() => tokensOf(world, 'ada').pairs.length === 2, { describe: 'the tokens to be made' });
  expect(await world.instances[0]!.terminate()).toBe(0);

  const intents = await world.database.db.selectFrom('refresh_intent').select('outcome').execute();
  expect(intents).toEqual([{ outcome: 'refreshed' }]);
  await world.restart();
  await world.settle();
  expect((await world.contextOf('acme')).state).toBe('connected.webhooks');
  expect(await checkInvariants(world, ['ada'])).toEqual({ lostPairs: 0, secondPresentations: 0 });
});

test('told to stop while jobs keep coming, time and again: every token call finds its save', async () => {
  const world = await newWorld();
  const accounts = ['ada', 'ben', 'cleo', 'dan'];
  for (const account of accounts) await connectInWorld(world, account, account);
  for (let round = 0; round < 6; round++) {
    const asking = accounts.map((account) =>
      world.api('POST', `${connectionOf(account)}/refresh`).catch(() => 'cut off'),
    );
    if (round % 2 === 0) await Promise.race(asking);
    expect(await world.instances[0]!.terminate()).toBe(0);
    await Promise.all(asking);
    await world.restart();
    await world.settle();
    for (const account of accounts) expect((await world.contextOf(account)).state).toBe('connected.webhooks');
  }
  expect(await checkInvariants(world, accounts)).toEqual({ lostPairs: 0, secondPresentations: 0 });
});
