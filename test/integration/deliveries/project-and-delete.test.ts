import { describe, expect, test } from 'vitest';
import { applyDeliveries } from '../../../src/deliveries/apply-deliveries.ts';
import { claimDeliveries } from '../../../src/deliveries/claim-deliveries.ts';
import { applyRetention } from '../../../src/upkeep/apply-retention.ts';
import { eraseSettledTenants } from '../../../src/upkeep/erase-tenants.ts';
import { groupDelivery } from '../../support/calendly/group-deliveries.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { names, projectAll, store } from './projected.ts';
import { at, database, setUp, storeDeliveries, verdicts } from './received.ts';

storeDeliveries();

describe('projection of what is about to be deleted', () => {
  test('applies what was accepted, though the subscription is retired before', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1));
    await database.pool.query(`update subscription set status = 'deleted' where id = $1`, [subscription.id]);
    await projectAll();
    expect(await verdicts(tenantId)).toEqual(['applied']);
  });

  test('brings back nothing of a tenant that was erased, and clears away what the erasure missed', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1));
    const {
      rows: [missed],
    } = await database.pool.query('select * from delivery where tenant_id = $1', [tenantId]);
    await database.pool.query(
      `update connection set state = 'disconnected', substate = 'idle', erase_requested_at = now() where tenant_id = $1`,
      [tenantId],
    );
    await eraseSettledTenants(database.db);
    await database.pool.query(
      `insert into delivery (tenant_id, account_uri, subscription_id, received_at, verdict, body_bytes, body) values ($1, $2, $3, $4, 'received', $5, $6)`,
      [
        missed.tenant_id,
        missed.account_uri,
        missed.subscription_id,
        missed.received_at,
        missed.body_bytes,
        missed.body,
      ],
    );
    await projectAll();
    for (const table of ['delivery', 'meeting', 'scheduled_event', 'host_event', 'subscription']) {
      expect(
        (await database.pool.query(`select 1 from ${table} where tenant_id = $1`, [tenantId])).rowCount,
        table,
      ).toBe(0);
    }
  });

  test('makes an erasure wait for the batch that is under way, and leaves nothing behind', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1));
    await database.pool.query(
      `update connection set state = 'disconnected', substate = 'idle', erase_requested_at = now() where tenant_id = $1`,
      [tenantId],
    );
    const { erased } = await database.db.transaction().execute(async (trx) => {
      const { applied } = await applyDeliveries(trx, await claimDeliveries(trx, { most: 10 }));
      expect(applied).toHaveLength(1);
      const erasing = eraseSettledTenants(database.db);
      await waitFor(
        async () =>
          (
            await database.pool.query(
              `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
            )
          ).rowCount === 1,
      );
      return { erased: erasing };
    });
    expect(await erased).toBe(1);
    for (const table of ['delivery', 'meeting', 'scheduled_event', 'host_event', 'subscription']) {
      expect(
        (await database.pool.query(`select 1 from ${table} where tenant_id = $1`, [tenantId])).rowCount,
        table,
      ).toBe(0);
    }
  });

  test('is done before a delivery is deleted for its age', async () => {
    const { tenantId, subscription } = await setUp();
    await store(subscription, groupDelivery('E', 1), groupDelivery('E', 2));
    const aYearLater = { now: () => new Date(at.getTime() + 365 * 86_400_000) };
    const retention = { historyDays: 90, exchangesDays: 30, deliveriesDays: 90 };
    await applyRetention(database.db, retention, aYearLater);
    expect(await verdicts(tenantId)).toEqual(['received', 'received']);
    await projectAll();
    await applyRetention(database.db, retention, aYearLater);
    expect(await verdicts(tenantId)).toEqual([]);
    expect(await names(tenantId)).toHaveLength(2);
  });
});
