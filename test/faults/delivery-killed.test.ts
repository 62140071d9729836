import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventKey } from '../../src/meetings/event-locks.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { connectInWorld } from './journeys.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  world.sandbox.controls.accounts.add({ slug: 'ada', name: 'Ada' });
  await connectInWorld(world, 'acme', 'ada');
});
afterAll(() => world.stop());

const verdicts = async () =>
  (await world.database.db.selectFrom('delivery').select('verdict').orderBy('id').execute()).map(
    ({ verdict }) => verdict,
  );

test('a delivery that was answered is applied though the service is killed before that, and Calendly sends it once', async () => {
  const { controls } = world.sandbox;
  controls.deliveries.pause();
  const { eventUri } = controls.book({ account: 'ada', name: 'Gina Guest', email: 'gina@guest.example' });
  const key = eventKey({ tenantId: 'acme', accountUri: controls.accounts.get('ada').uri }, eventUri);
  await world.database.db.connection().execute(async (session) => {
    // Somebody is at the event, so that the delivery is stored and answered, and not applied.
    await sql`select pg_advisory_lock(hashtextextended(${key}, 0))`.execute(session);
    await controls.deliveries.resume();
    await controls.deliveries.idle();
    expect(controls.deliveries.list()).toMatchObject([{ status: 'delivered', attempts: [{ status: 200 }] }]);
    expect(await verdicts()).toEqual(['received']);
    await world.instances[0]!.kill();
    await sql`select pg_advisory_unlock_all()`.execute(session);
  });
  expect(await verdicts()).toEqual(['received']);

  await world.restart();
  await waitFor(async () => (await verdicts())[0] === 'applied', { describe: 'the delivery to be applied' });
  const { items } = (await world.api('GET', '/v1/tenants/acme/meetings')).body;
  expect(items).toMatchObject([{ name: 'Gina Guest', source: 'webhook' }]);
  const told = await world.database.db
    .selectFrom('host_event')
    .select('type')
    .where('type', 'like', 'meeting.%')
    .execute();
  expect(told).toEqual([{ type: 'meeting.created' }]);
  expect(controls.deliveries.list()[0]!.attempts).toHaveLength(1);
});
