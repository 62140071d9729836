import { readObject, readText, type JsonObject } from '../meetings/read-json.ts';
import { createHash } from 'node:crypto';
import type { Observation } from '../meetings/observation.ts';
import { INVITEE_EVENTS, observePayload } from '../meetings/observe.ts';
import type { Owner } from '../meetings/rows.ts';
import { timestampOf, parseTimestamp } from '../meetings/timestamp.ts';

type Envelope = Readonly<{
  /** Cut to the length that a column or a metric can hold. The names of Calendly's events are far shorter. */
  event: string;
  json: JsonObject;
}>;

/** Returns null for anything that is not a delivery's envelope. Never throws, because these bytes may be anything. */
function readEnvelope(rawBody: Buffer): Envelope | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
    const json = readObject(JSON.parse(text));
    const event = readText(json?.['event'])?.slice(0, 100) ?? '';
    return json === null || event === '' ? null : { event, json };
  } catch {
    return null;
  }
}

export type ReadableDelivery = Owner & Readonly<{ body: Buffer; receivedAt: Date; isApplicationSigned: boolean }>;

/** What a stored delivery says. */
export type DeliveryContent =
  | Readonly<{
      kind: 'observation';
      event: string;
      observation: Observation;
      dedupeKey: Buffer;
      /** When the invitee booked, by Calendly's clock. Null for anything but a readable `invitee.created`. */
      bookedAt: Date | null;
    }>
  | Readonly<{ kind: 'ignored'; event: string }>
  | Readonly<{ kind: 'unreadable'; event: string | null }>;

/** The application's key is the same for every tenant, so the delivery itself has to say that it is this account's. */
export function readDelivery({ body, receivedAt, isApplicationSigned, ...owner }: ReadableDelivery): DeliveryContent {
  const envelope = readEnvelope(body);
  if (envelope === null) return { kind: 'unreadable', event: null };
  const { event, json } = envelope;
  if (isApplicationSigned && json['created_by'] !== owner.accountUri) return { kind: 'ignored', event };
  if (!INVITEE_EVENTS.includes(event)) return { kind: 'ignored', event };
  const observation = observePayload(json, { source: 'webhook', receivedAt: timestampOf(receivedAt) });
  if (observation === null) return { kind: 'unreadable', event };
  const bookedAt = event === 'invitee.created' ? parseTimestamp(readObject(json['payload'])?.['created_at']) : null;
  return {
    kind: 'observation',
    event,
    observation,
    dedupeKey: dedupeKey(owner, event, observation),
    bookedAt: bookedAt === null ? null : new Date(bookedAt),
  };
}

/**
 * Calendly gives deliveries no id, so this key identifies one. The subscription is not part of it, because while one subscription replaces
 * another, both deliver.
 */
function dedupeKey({ tenantId, accountUri }: Owner, event: string, { meeting }: Observation): Buffer {
  const parts = [tenantId, accountUri, event, meeting.inviteeUri, meeting.part.updatedAt, meeting.noShow?.uri ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
