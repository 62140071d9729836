import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { listDeliveries } from '../../../src/deliveries/list-deliveries.ts';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { listMeetings } from '../../../src/meetings/list-meetings.ts';
import { FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { takeDeliveries } from '../../support/calendly/take-deliveries.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { storeSubscription, type StoredSubscription } from '../../support/postgres/store-subscription.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

export const box = createSealedBox([{ id: 'k', key: randomBytes(32) }]);
export const at = new Date('2026-05-01T12:00:00.250Z');

export let database: TestDatabase;
let take: ReturnType<typeof takeDeliveries>;
/** A database of its own for the tests of one file. */
export function storeDeliveries(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
    take = takeDeliveries(database.db, box);
  });
  afterAll(() => database.close());
}

let tenants = 0;
export async function setUp(options: Partial<Parameters<typeof storeSubscription>[2]> = {}) {
  const tenantId = options.tenantId ?? `tenant-${tenants++}`;
  await storeConnection(database.db, tenantId, FIXTURE_ACCOUNT);
  const subscription = await storeSubscription(database.db, box, {
    tenantId,
    accountUri: FIXTURE_ACCOUNT,
    ...options,
  });
  return { tenantId, subscription };
}
export const send = (subscription: StoredSubscription, body: Buffer | object, header?: string, now = at) => {
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const signatureHeader = header ?? signDelivery(rawBody, subscription.signingKey, at);
  return take({ subscriptionId: subscription.id, rawBody, signatureHeader }, now);
};
export const meetings = async (tenantId: string) => (await listMeetings(database.db, tenantId, { limit: 100 })).items;
export const deliveries = async (tenantId: string) =>
  (await listDeliveries(database.db, tenantId, { limit: 100 })).items;
export const verdicts = async (tenantId: string) => (await deliveries(tenantId)).map(({ verdict }) => verdict);
export const rowOf = async ({ id }: StoredSubscription) =>
  (
    await database.pool.query<{ last_delivery_at: Date | null }>(
      'select last_delivery_at from subscription where id = $1',
      [id],
    )
  ).rows[0]!;
