import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { applyObservations } from '../../../src/meetings/apply-observations.ts';
import { listMeetings } from '../../../src/meetings/list-meetings.ts';
import { observePageItem } from '../../../src/meetings/observe.ts';
import { timestampOf } from '../../../src/meetings/timestamp.ts';
import { recordCalendly, type Recorded } from '../../support/calendly/record-calendly.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { storeSubscription } from '../../support/postgres/store-subscription.ts';
import { takeDeliveries } from '../../support/calendly/take-deliveries.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';

const AT_ONCE = 3;

test('the API shows the same meetings for any order and repetition of what Calendly sent and showed, also at the same time', async () => {
  const { accountUri, steps } = await recordCalendly();
  const { db, close } = await createTestDatabase();
  const box = createSealedBox([{ id: 'k', key: randomBytes(32) }]);
  const takeDelivery = takeDeliveries(db, box);
  let tenants = 0;

  /** A tenant of its own, to whom it all happens in this order, several at a time. */
  async function shownAfter(order: readonly Recorded[]): Promise<object[]> {
    const tenantId = `tenant-${tenants++}`;
    await storeConnection(db, tenantId, accountUri);
    const { id: subscriptionId, signingKey } = await storeSubscription(db, box, { tenantId, accountUri });
    const take = async (step: Recorded) => {
      if (step.kind === 'delivery') {
        const signatureHeader = signDelivery(step.raw, signingKey, step.at);
        const { status } = await takeDelivery({ subscriptionId, rawBody: step.raw, signatureHeader }, step.at);
        expect(status).toBe(200);
        return;
      }
      const perspective = { source: 'backfill', receivedAt: timestampOf(step.at), requestedAt: step.at } as const;
      await db.transaction().execute((trx) =>
        applyObservations(
          trx,
          { tenantId, accountUri },
          step.invitees.map((invitee) => observePageItem(step.event, invitee, perspective)!),
        ),
      );
    };
    const left = [...order];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let step = left.shift(); step !== undefined; step = left.shift()) await take(step);
      }),
    );
    const { items } = await listMeetings(db, tenantId, { limit: 100 });
    // The id is the tenant's own; it sorts those that start at the same time.
    return items
      .map(({ id: _own, ...meeting }) => meeting)
      .sort((one, other) => (one.inviteeUri < other.inviteeUri ? -1 : 1));
  }

  const expected = await shownAfter(steps);
  expect(expected.length).toBeGreaterThanOrEqual(10);
  const orders = fc
    .tuple(
      fc.shuffledSubarray(steps, { minLength: steps.length }),
      fc.array(fc.constantFrom(...steps), { maxLength: 10 }),
    )
    .chain(([order, again]) => fc.shuffledSubarray([...order, ...again], { minLength: order.length + again.length }));
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      expect(await shownAfter(order)).toEqual(expected);
    }),
    { numRuns: 6 },
  );
  await close();
});
