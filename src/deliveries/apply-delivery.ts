import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { VerifiedDelivery } from '../calendly/signature.ts';
import type { Database } from '../db/database.ts';
import { recordMeetingChanges } from '../host-events/record-meeting-changes.ts';
import { applyObservation, type AppliedObservation } from '../meetings/apply-observation.ts';
import type { Observation } from '../meetings/observation.ts';
import { INVITEE_EVENTS, parsePayload } from '../meetings/parse-payload.ts';
import { timestampOf } from '../meetings/timestamp.ts';
import { readEnvelope, type Envelope } from './read-envelope.ts';
import type { Verdict } from './verdict.ts';

export type KnownSubscription = Readonly<{ id: string; tenantId: string; accountUri: string }>;

export type AppliedDelivery = Readonly<{
  verdict: Extract<Verdict, 'applied' | 'duplicate' | 'ignored' | 'unreadable'>;
  event: string | null;
  applied: AppliedObservation | null;
}>;

/**
 * Stores a verified delivery and merges what it says, all in the caller's transaction. The signature is the proof of whose it
 * is: rows are only ever written for the tenant and account of the subscription, whatever the payload says about accounts.
 */
export async function applyDelivery(
  trx: Transaction<Database>,
  subscription: KnownSubscription,
  delivery: VerifiedDelivery,
  receivedAt: Date,
): Promise<AppliedDelivery> {
  const { tenantId, accountUri } = subscription;
  const envelope = readEnvelope(delivery.rawBody);
  const observation = envelope && readObservation(envelope, receivedAt);
  // Before the row of the delivery, because the lock that this takes is what makes copies of it wait for each other.
  const applied = observation === null || observation === 'ignored' ? null : await applyObservation(trx, tenantId, accountUri, observation);

  const row = {
    tenant_id: tenantId,
    account_uri: accountUri,
    subscription_id: subscription.id,
    received_at: receivedAt,
    signed_at: delivery.signedAt,
    signing_key_id: delivery.keyId,
    event: envelope?.event ?? null,
    body_bytes: delivery.rawBody.length,
    body: delivery.rawBody,
  };
  const store = async <V extends Verdict>(verdict: V, details: object = {}) => {
    const inserted = await trx
      .insertInto('delivery')
      .values({ ...row, ...details, verdict })
      .onConflict((conflict) => conflict.column('dedupe_key').where('verdict', '=', sql.lit('applied')).doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted === undefined ? null : { verdict, event: row.event, applied };
  };

  if (observation === null) return (await store('unreadable'))!;
  if (observation === 'ignored' || applied === null) return (await store('ignored'))!;
  await recordMeetingChanges(trx, { tenantId, accountUri, at: receivedAt, source: 'webhook', changes: applied.changes });
  const details = {
    event_uri: observation.event.uri,
    invitee_uri: observation.meeting.inviteeUri,
    dedupe_key: dedupeKey(subscription, envelope!.event, observation),
  };
  return (await store('applied', details)) ?? (await store('duplicate', details))!;
}

function readObservation(envelope: Envelope, receivedAt: Date): Observation | 'ignored' | null {
  if (!INVITEE_EVENTS.includes(envelope.event)) return 'ignored';
  return parsePayload(envelope.json, { source: 'webhook', receivedAt: timestampOf(receivedAt) });
}

/**
 * Calendly gives deliveries no id, so this is what tells two of them apart. Not the subscription: while one replaces another,
 * both deliver.
 */
function dedupeKey({ tenantId, accountUri }: KnownSubscription, event: string, { meeting }: Observation): Buffer {
  const parts = [tenantId, accountUri, event, meeting.inviteeUri, meeting.part.updatedAt, meeting.noShow?.uri ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
