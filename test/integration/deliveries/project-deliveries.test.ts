import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { tenantsInTurn } from '../../../src/deliveries/claim-deliveries.ts';
import { startProjector } from '../../../src/deliveries/start-projector.ts';
import { eventKey } from '../../../src/meetings/event-locks.ts';
import { FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { groupDelivery } from '../../support/calendly/group-deliveries.ts';
import { countStatements } from '../../support/service/count-statements.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { names, projectAll, store, told } from './projected.ts';
import { at, database, deliveries, setUp, storeDeliveries, verdicts } from './received.ts';

storeDeliveries();

const makeDue = () =>
  database.pool.query('update delivery set next_attempt_at = null where next_attempt_at is not null');

describe('projectDeliveries', () => {
  test('tells what happened within one batch one thing after the other', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1));
    await store(subscription, groupDelivery('E', 2));
    await store(subscription, groupDelivery('E', 2, { canceled: true }));
    await store(subscription, groupDelivery('E', 1));
    expect(await verdicts(tenantId)).toEqual(Array(4).fill('received'));
    expect(
      (await projectDeliveries(database.db)).applied.map(({ verdict, meeting }) => [verdict, meeting?.isNew]),
    ).toEqual([
      ['applied', true],
      ['applied', true],
      ['applied', false],
      ['duplicate', false],
    ]);
    expect(await told(tenantId)).toEqual([
      'meeting.created',
      'meeting.created',
      'meeting.canceled',
      'meeting.canceled',
    ]);
  });

  test('leaves a delivery that cannot be applied alone, applies all others, and that one once it can be', async () => {
    const [guilty, other] = [await setUp(), await setUp()];
    await database.pool.query(`
      create function refuse_guilty() returns trigger language plpgsql as $$ begin
        if new.name = 'Invitee guilty' then raise exception 'guilty: %', new.email; end if; return new; end $$;
      create trigger refuse_guilty before insert on meeting for each row execute function refuse_guilty()`);
    await store(guilty.subscription, groupDelivery('E', 1), groupDelivery('E', 'guilty'), groupDelivery('E', 2));
    await store(other.subscription, ...[1, 2, 3, 4].map((invitee) => groupDelivery('E', invitee)));
    const { applied, failed } = await projectDeliveries(database.db);
    expect([applied.length, failed.length]).toEqual([6, 1]);
    expect(await names(guilty.tenantId)).toEqual(['Invitee 1', 'Invitee 2']);
    expect(await names(other.tenantId)).toHaveLength(4);
    const left = (await deliveries(guilty.tenantId)).filter(({ verdict }) => verdict === 'received');
    expect(left).toMatchObject([{ attempts: 1, lastError: 'database error P0001' }]);
    expect((await projectDeliveries(database.db)).failed).toEqual([]);

    await database.pool.query('drop trigger refuse_guilty on meeting');
    await makeDue();
    await projectAll();
    expect(await verdicts(guilty.tenantId)).toEqual(['applied', 'applied', 'applied']);
    expect((await deliveries(guilty.tenantId)).map(({ lastError }) => lastError)).toEqual([null, null, null]);
  });

  test('passes over an event that somebody else is at, however many of its deliveries wait, and takes those for no failure', async () => {
    const [held, other] = [await setUp(), await setUp()];
    const key = eventKey(
      { tenantId: held.tenantId, accountUri: FIXTURE_ACCOUNT },
      'https://api.calendly.com/scheduled_events/E',
    );
    await store(held.subscription, ...Array.from({ length: 250 }, (_, invitee) => groupDelivery('E', invitee)));
    await store(other.subscription, groupDelivery('E', 1));
    await database.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
      await store(held.subscription, groupDelivery('E', 250));
      await waitFor(async () => {
        await projectDeliveries(database.db);
        return (await names(other.tenantId)).length === 1;
      });
      expect(await names(held.tenantId)).toEqual([]);
    });
    await waitFor(async () => {
      await projectAll();
      return (
        (
          await database.pool.query(`select 1 from delivery where tenant_id = $1 and verdict = 'received'`, [
            held.tenantId,
          ])
        ).rowCount === 0
      );
    });
    expect(
      (await deliveries(held.tenantId)).every(({ verdict, attempts }) => verdict === 'applied' && attempts === 0),
    ).toBe(true);
  });

  test('waits neither for a connection that somebody holds nor for its subscription, and says later when it delivered', async () => {
    const { tenantId, subscription } = await setUp();
    const unnoted = await database.db.transaction().execute(async (trx) => {
      await trx.selectFrom('connection').select('tenant_id').where('tenant_id', '=', tenantId).forUpdate().execute();
      await trx
        .updateTable('subscription')
        .set({ uri: 'https://api.calendly.com/webhook_subscriptions/1' })
        .where('id', '=', subscription.id)
        .execute();
      await store(subscription, groupDelivery('E', 1));
      const projection = await projectDeliveries(database.db);
      expect(await verdicts(tenantId)).toEqual(['applied']);
      return projection.unnoted;
    });
    expect(unnoted).toEqual([{ subscriptionId: subscription.id, receivedAt: at }]);
  });

  test('stores a delivery while somebody holds the row of its subscription exclusively', async () => {
    const { tenantId, subscription } = await setUp();
    await database.db.transaction().execute(async (trx) => {
      await trx.selectFrom('subscription').select('id').where('id', '=', subscription.id).forUpdate().execute();
      await store(subscription, groupDelivery('E', 1));
      await projectDeliveries(database.db);
      expect(await verdicts(tenantId)).toEqual(['received']);
    });
    await makeDue();
    await projectAll();
    expect(await verdicts(tenantId)).toEqual(['applied']);
  });

  test('applies each delivery once while many do it at the same time', async () => {
    const { tenantId, subscription } = await setUp();
    const bookings = Array.from({ length: 40 }, (_, n) => groupDelivery(`E${n % 5}`, n));
    await store(subscription, ...bookings, ...bookings);
    await waitFor(
      async () => {
        await Promise.all(Array.from({ length: 4 }, () => projectDeliveries(database.db, { most: 7 })));
        return (await verdicts(tenantId)).every((verdict) => verdict !== 'received');
      },
      { timeoutMs: 15_000 },
    );
    expect((await verdicts(tenantId)).sort()).toEqual([...Array(40).fill('applied'), ...Array(40).fill('duplicate')]);
    expect(await told(tenantId)).toEqual(Array(40).fill('meeting.created'));
    expect(new Set(await names(tenantId)).size).toBe(40);
  });

  test('takes as many statements for the cancellation of a thousand as of ten', async () => {
    const statements: number[] = [];
    for (const invitees of [10, 1_000]) {
      const { tenantId, subscription } = await setUp();
      await store(subscription, ...Array.from({ length: invitees }, (_, n) => groupDelivery('E', n)));
      await projectAll();
      await store(subscription, groupDelivery('E', 0, { canceled: true }));
      const counted = countStatements(database.db);
      await projectDeliveries(counted.db);
      statements.push(counted.count());
      expect((await told(tenantId)).filter((type) => type === 'meeting.canceled')).toHaveLength(invitees);
    }
    expect(statements[1]).toBe(statements[0]);
    expect(statements[0]).toBeLessThan(25);
  });

  test('goes on by itself: with what a killed instance left, with what others store, and after failures', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1));
    const applied: number[] = [];
    const projector = startProjector(database.db, {
      onApplied: ({ id }) => applied.push(id),
      onFailed: () => {},
      onError: () => {},
    });
    await waitFor(() => applied.length === 1);
    await store(subscription, groupDelivery('E', 2));
    await waitFor(() => applied.length === 2);
    await projector.stop();
    expect(await names(tenantId)).toEqual(['Invitee 1', 'Invitee 2']);
  });

  test('gives every tenant a turn while another one has thousands waiting, and wastes no room of a batch', async () => {
    await projectAll();
    const [loud, quiet, last] = [await setUp(), await setUp(), await setUp()];
    await store(loud.subscription, ...Array.from({ length: 300 }, (_, invitee) => groupDelivery('E', invitee)));
    await store(quiet.subscription, groupDelivery('E', 1), groupDelivery('E', 2));
    await store(last.subscription, groupDelivery('E', 1));
    const first = await projectDeliveries(database.db, { most: 20 });
    expect(first.applied.map(({ tenantId }) => tenantId)).toEqual(Array(20).fill(loud.tenantId));
    const second = await projectDeliveries(database.db, { most: 20, turnAfter: first.turnAfter });
    const count = (tenantId: string) => second.applied.filter((each) => each.tenantId === tenantId).length;
    expect([loud, quiet, last].map(({ tenantId }) => count(tenantId))).toEqual([17, 2, 1]);
    for (let turnAfter = second.turnAfter; turnAfter !== undefined;) {
      const projection = await projectDeliveries(database.db, { turnAfter });
      if (projection.isFull) expect(projection.applied).toHaveLength(200);
      ({ turnAfter } = projection);
    }
    expect((await names(loud.tenantId)).length).toBe(100);
    expect((await projectDeliveries(database.db)).applied).toEqual([]);
  });

  test('goes through all tenants in turn, fifty at a time', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `turn-${String(n).padStart(2, '0')}`);
    for (const tenantId of ids) await store((await setUp({ tenantId })).subscription, groupDelivery('E', 1));
    await database.db.transaction().execute(async (trx) => {
      const one = await tenantsInTurn(trx, '');
      expect([one.tenants, one.through]).toEqual([ids.slice(0, 50), 'turn-49']);
      expect(await tenantsInTurn(trx, one.through)).toEqual({ tenants: ids.slice(50), through: '' });
    });
    await projectAll();
  });
});
