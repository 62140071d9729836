import { sql, type Kysely } from 'kysely';
import { verifyDelivery, type SigningKey } from '../calendly/signature.ts';
import { CredentialError } from '../credentials/credential-error.ts';
import { readCredential } from '../credentials/credentials.ts';
import type { SealedBox } from '../credentials/sealed-box.ts';
import type { Database } from '../db/database.ts';
import { applyDelivery, type AppliedDelivery } from './apply-delivery.ts';
import { recordRefusal } from './record-refusal.ts';
import type { Refusal, Verdict } from './verdict.ts';

export type ReceiveDeps = Readonly<{ db: Kysely<Database>; box: SealedBox; now: () => Date }>;
export type ReceivedDelivery = Readonly<{
  status: 200 | 401 | 404 | 410;
  verdict: Verdict | 'subscription_unknown';
  tenantId: string | null;
  event: string | null;
  /** What became of the meeting, for an applied or repeated delivery. */
  applied: AppliedDelivery['applied'];
}>;

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * One POST to a subscription's own URL. Answers 200 only once the delivery is committed; a lost database throws, so that
 * Calendly sends it again.
 */
export async function receiveDelivery(
  { db, box, now }: ReceiveDeps,
  { subscriptionId, rawBody, signatureHeader }: { subscriptionId: string; rawBody: Buffer; signatureHeader: string | undefined },
): Promise<ReceivedDelivery> {
  const unknown = { status: 404, verdict: 'subscription_unknown', tenantId: null, event: null, applied: null } as const;
  if (!UUID.test(subscriptionId)) return unknown;
  const subscription = await db
    .selectFrom('subscription')
    .select(['id', 'tenant_id as tenantId', 'account_uri as accountUri', 'status', 'signing_key_id as signingKeyId'])
    .where('id', '=', subscriptionId)
    .executeTakeFirst();
  if (subscription === undefined) return unknown;

  const { tenantId } = subscription;
  const receivedAt = now();
  const refuse = async (status: 401 | 410, refusal: Refusal): Promise<ReceivedDelivery> => {
    await recordRefusal(db, { subscriptionId: subscription.id, refusal, bodyBytes: rawBody.length, receivedAt });
    return { status, verdict: `refused:${refusal}`, tenantId, event: null, applied: null };
  };
  if (subscription.status === 'retired' || subscription.status === 'deleted') return refuse(410, 'subscription_retired');

  const keys = await signingKeys(db, box, tenantId, subscription.signingKeyId);
  const verified = verifyDelivery(rawBody, signatureHeader, keys, receivedAt);
  if ('refused' in verified) return refuse(401, verified.refused);

  try {
    return await db.transaction().execute(async (trx) => {
      const result = await applyDelivery(trx, subscription, verified, receivedAt);
      // Last, because this row is shared by all deliveries: it is locked no longer than the commit takes. A subscription that
      // was retired meanwhile takes everything back.
      const { numUpdatedRows } = await trx
        .updateTable('subscription')
        .set({ last_delivery_at: sql<Date>`greatest(last_delivery_at, ${receivedAt})` })
        .where('id', '=', subscription.id)
        .where('status', 'not in', ['retired', 'deleted'])
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw new RetiredMeanwhile();
      return { status: 200, tenantId, ...result };
    });
  } catch (error) {
    if (error instanceof RetiredMeanwhile) return refuse(410, 'subscription_retired');
    throw error;
  }
}

class RetiredMeanwhile extends Error {}

/** Empty without a key, and then nothing is accepted. */
async function signingKeys(db: Kysely<Database>, box: SealedBox, tenantId: string, id: string | null): Promise<SigningKey[]> {
  if (id === null) return [];
  try {
    return [{ id, value: await readCredential(db, box, id, { tenantId, purpose: 'signing_key' }) }];
  } catch (error) {
    if (error instanceof CredentialError) return [];
    throw error;
  }
}
