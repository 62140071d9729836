import type { Kysely } from 'kysely';
import { verifyDelivery, type SigningKey } from '../calendly/signature.ts';
import type { SealedBox } from '../grants/sealed-box.ts';
import { isDatabaseFailure } from '../db/database-failure.ts';
import type { Database } from '../db/database.ts';
import { shareCommit } from '../db/share-commit.ts';
import { currentTraceparent } from '../tracing/traceparent.ts';
import { knownSubscriptions } from './known-subscriptions.ts';
import { recordRefusal } from './record-refusal.ts';
import { storeDeliveries, type Receipt } from './store-deliveries.ts';
import type { Refusal } from './verdict.ts';

export type ReceiveDeps = Readonly<{
  db: Kysely<Database>;
  box: SealedBox;
  now: () => Date;
  /** Those of the OAuth application, by the client's name, tried after the subscription's own. None: only its own is accepted. */
  applicationKeys?: ReadonlyMap<string, readonly SigningKey[]>;
  /** Something was stored that waits to be applied. */
  onStored?: () => void;
}>;
export type DeliveryRequest = Readonly<{
  subscriptionId: string;
  rawBody: Buffer;
  signatureHeader: string | undefined;
}>;
export type ReceivedDelivery =
  | Readonly<{ status: 200; verdict: 'received'; tenantId: string; deliveryId: number }>
  | Readonly<{ status: 401 | 410; verdict: `refused:${Refusal}`; tenantId: string }>
  | Readonly<{ status: 404; verdict: 'subscription_unknown'; tenantId: null }>;
export interface ReceiveDelivery {
  (request: DeliveryRequest): Promise<ReceivedDelivery>;
  /** Asked before the body is read. */
  isKnown(subscriptionId: string): Promise<boolean>;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const MIB = 1024 * 1024;
const LIMITS = { mostItems: 200, mostWeight: 8 * MIB, mostWaiting: 2_000, mostWaitingWeight: 64 * MIB };

/**
 * Takes POSTs to the subscriptions' own URLs. Answers 200 only once the delivery is committed; a lost database throws, so that
 * Calendly sends it again. The body is not read here: `projectDeliveries` does that and updates the meetings.
 */
export function receiveDeliveries({
  db,
  box,
  now,
  applicationKeys = new Map(),
  onStored,
}: ReceiveDeps): ReceiveDelivery {
  const subscriptions = knownSubscriptions(db, box);
  const storing = shareCommit<Receipt, number | null>((receipts) => storeDeliveries(db, receipts), {
    ...LIMITS,
    weigh: ({ delivery }) => delivery.rawBody.length,
    failsForAll: isDatabaseFailure,
  });

  const find = async (id: string, fresh = false) => (UUID.test(id) ? subscriptions.find(id, { fresh }) : null);

  const receive = async ({ subscriptionId, rawBody, signatureHeader }: DeliveryRequest): Promise<ReceivedDelivery> => {
    const id = subscriptionId.toLowerCase();
    const receivedAt = now();
    const attempt = async (fresh: boolean): Promise<ReceivedDelivery | { refusal: Refusal; tenantId: string }> => {
      const subscription = await find(id, fresh);
      if (subscription === null) return { status: 404, verdict: 'subscription_unknown', tenantId: null };
      const { tenantId } = subscription;
      if (!subscription.accepts) return { refusal: 'subscription_retired', tenantId };
      const keys = [...subscription.keys, ...(applicationKeys.get(subscription.client) ?? [])];
      const verified = verifyDelivery(rawBody, signatureHeader, keys, receivedAt);
      if ('refused' in verified) return { refusal: verified.refused, tenantId };
      const deliveryId = await storing.add({
        subscriptionId: id,
        delivery: verified,
        receivedAt,
        traceparent: currentTraceparent(),
      });
      if (deliveryId === null) return { refusal: 'subscription_retired', tenantId };
      onStored?.();
      return { status: 200, verdict: 'received', tenantId, deliveryId };
    };

    let answer = await attempt(false);
    // Before refusing, read the subscription from the database: the remembered one may be out of date.
    if ('refusal' in answer) answer = await attempt(true);
    if (!('refusal' in answer)) return answer;
    const { refusal, tenantId } = answer;
    await recordRefusal(db, { subscriptionId: id, refusal, bodyBytes: rawBody.length, receivedAt });
    return { status: refusal === 'subscription_retired' ? 410 : 401, verdict: `refused:${refusal}`, tenantId };
  };
  return Object.assign(receive, { isKnown: async (id: string) => (await find(id.toLowerCase())) !== null });
}
