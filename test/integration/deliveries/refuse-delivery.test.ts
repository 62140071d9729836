import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { toProblem } from '../../../src/web/problems.ts';
import { deliveryBytes } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import type { StoredSubscription } from '../../support/postgres/store-subscription.ts';
import { at, box, database, deliveries, meetings, rowOf, send, setUp, storeDeliveries, verdicts } from './received.ts';

storeDeliveries();

describe('a delivery that is not taken', () => {
  test.each([
    ['without a signature', () => '', 'refused:signature_missing'],
    ['with a malformed one', () => 'v1=abc', 'refused:signature_malformed'],
    [
      'with another key',
      () => signDelivery(deliveryBytes('invitee-created'), 'another', at),
      'refused:signature_wrong',
    ],
    [
      'of another body',
      ({ signingKey }: StoredSubscription) => signDelivery('{}', signingKey, at),
      'refused:signature_wrong',
    ],
    [
      'from the future',
      ({ signingKey }: StoredSubscription) =>
        signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() + 301_000)),
      'refused:timestamp_too_new',
    ],
    [
      'from before the retry horizon',
      ({ signingKey }: StoredSubscription) =>
        signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() - 90_001_000)),
      'refused:timestamp_too_old',
    ],
  ])('refuses a delivery %s and changes nothing', async (_, header, verdict) => {
    const { tenantId, subscription } = await setUp();
    expect(await send(subscription, deliveryBytes('invitee-created'), header(subscription))).toMatchObject({
      status: 401,
      verdict,
    });
    expect(await meetings(tenantId)).toEqual([]);
    expect((await rowOf(subscription)).last_delivery_at).toBeNull();
    expect(await deliveries(tenantId)).toMatchObject([
      { verdict, event: null, bodyBytes: deliveryBytes('invitee-created').length },
    ]);
    expect(
      (await database.pool.query('select 1 from delivery where tenant_id = $1 and body is not null', [tenantId]))
        .rowCount,
    ).toBe(0);
  });

  test('accepts a retry of yesterday with its first signature', async () => {
    const { subscription } = await setUp();
    const { signingKey } = subscription;
    const header = signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() - 24 * 3_600_000));
    expect((await send(subscription, deliveryBytes('invitee-created'), header)).verdict).toBe('applied');
  });

  test('refuses everything without a signing key', async () => {
    const { subscription } = await setUp();
    await database.pool.query(
      'delete from credential where id = (select signing_key_id from subscription where id = $1)',
      [subscription.id],
    );
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      status: 401,
      verdict: 'refused:no_key',
    });
    await database.pool.query('update subscription set signing_key_id = null where id = $1', [subscription.id]);
    expect(
      await send(
        subscription,
        deliveryBytes('invitee-created'),
        signDelivery(deliveryBytes('invitee-created'), '', at),
      ),
    ).toMatchObject({ status: 401 });
  });

  test('is not lost because no encryption key opens the signing key: it throws what Calendly gets a 503 for', async () => {
    const { tenantId, subscription } = await setUp();
    const rawBody = deliveryBytes('invitee-created');
    const request = {
      subscriptionId: subscription.id,
      rawBody,
      signatureHeader: signDelivery(rawBody, subscription.signingKey, at),
    };
    const otherBox = createSealedBox([{ id: 'other', key: randomBytes(32) }]);
    const problem = await receiveDeliveries({ db: database.db, box: otherBox, now: () => at })(request).then(
      () => null,
      toProblem,
    );
    expect(problem).toMatchObject({ code: 'credential_unreadable' });
    expect(await deliveries(tenantId)).toEqual([]);
    expect((await send(subscription, rawBody)).verdict).toBe('applied');
  });

  test('knows no other subscription, and says so of anything that is no id', async () => {
    for (const id of [randomUUID(), 'x', '', `' or 1=1`, `${randomUUID()}/..`]) {
      expect(await send({ id, signingKey: 'k' }, deliveryBytes('invitee-created'))).toMatchObject({
        status: 404,
        verdict: 'subscription_unknown',
        tenantId: null,
      });
    }
  });

  test('answers 410 for a retired or deleted subscription, signed or not', async () => {
    for (const status of ['retired', 'deleted'] as const) {
      const { tenantId, subscription } = await setUp({ status });
      expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
        status: 410,
        verdict: 'refused:subscription_retired',
      });
      expect(await send(subscription, deliveryBytes('invitee-created'), 'x')).toMatchObject({ status: 410 });
      expect(await meetings(tenantId)).toEqual([]);
    }
  });

  test('is not stored when the subscription was retired meanwhile, though it is remembered as live', async () => {
    const { tenantId, subscription } = await setUp();
    expect((await send(subscription, deliveryBytes('zoom-created'))).verdict).toBe('applied');
    await database.pool.query(`update subscription set status = 'retired' where id = $1`, [subscription.id]);
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      status: 410,
      verdict: 'refused:subscription_retired',
    });
    expect(await send(subscription, deliveryBytes('invitee-created'), 'x')).toMatchObject({
      status: 410,
      verdict: 'refused:subscription_retired',
    });
    expect(await verdicts(tenantId)).toEqual([
      'refused:subscription_retired',
      'refused:subscription_retired',
      'applied',
    ]);
    expect(await meetings(tenantId)).toHaveLength(1);
  });

  test('records only so many refusals a minute', async () => {
    const { tenantId, subscription } = await setUp();
    for (let index = 0; index < 40; index++) await send(subscription, deliveryBytes('invitee-created'), 'x');
    expect(await verdicts(tenantId)).toHaveLength(30);
    await send(subscription, deliveryBytes('invitee-created'), 'x', new Date(at.getTime() + 61_000));
    expect(await verdicts(tenantId)).toHaveLength(31);
  });

  test('throws when the database is away, and a delivery that could not be committed is not there', async () => {
    const { tenantId, subscription } = await setUp();
    const away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nowhere' });
    const body = deliveryBytes('invitee-created');
    const request = {
      subscriptionId: subscription.id,
      rawBody: body,
      signatureHeader: signDelivery(body, subscription.signingKey, at),
    };
    await expect(receiveDeliveries({ db: away.db, box, now: () => at })(request)).rejects.toThrow();
    await away.close();

    // The statement that stores it is ended while it waits.
    await database.db.transaction().execute(async (trx) => {
      await sql`lock table delivery in access exclusive mode`.execute(trx);
      const sent = send(subscription, body).then(
        () => 'stored',
        () => 'refused',
      );
      const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await database.pool.query(cancel)).rowCount).toBe(1);
      expect(await sent).toBe('refused');
    });
    expect(await deliveries(tenantId)).toEqual([]);
    expect(await meetings(tenantId)).toEqual([]);
    expect((await send(subscription, body)).verdict).toBe('applied');
  });
});
