import { expect } from 'vitest';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import type { StoredSubscription } from '../../support/postgres/store-subscription.ts';
import { at, box, database, meetings } from './received.ts';

/** Stores signed deliveries, all at once, and applies none. */
export async function store(subscription: StoredSubscription, ...envelopes: object[]): Promise<void> {
  const receive = receiveDeliveries({ db: database.db, box, now: () => at });
  const answers = await Promise.all(
    envelopes.map((envelope) => {
      const rawBody = Buffer.from(JSON.stringify(envelope));
      return receive({
        subscriptionId: subscription.id,
        rawBody,
        signatureHeader: signDelivery(rawBody, subscription.signingKey, at),
      });
    }),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
}

export async function projectAll(): Promise<void> {
  for (let isFull = true; isFull;) ({ isFull } = await projectDeliveries(database.db));
}

export const names = async (tenantId: string) => (await meetings(tenantId)).map(({ name }) => name).sort();
export const told = async (tenantId: string) =>
  (
    await database.db.selectFrom('host_event').select('type').where('tenant_id', '=', tenantId).orderBy('seq').execute()
  ).map(({ type }) => type);
