import { createHash } from 'node:crypto';
import type { Observation } from '../meetings/observation.ts';
import { INVITEE_EVENTS, parsePayload } from '../meetings/parse-payload.ts';
import type { Owner } from '../meetings/rows.ts';
import { timestampOf } from '../meetings/timestamp.ts';
import { readEnvelope } from './read-envelope.ts';

export type ReadableDelivery = Owner & Readonly<{ body: Buffer; receivedAt: Date; isApplicationSigned: boolean }>;

/** What a stored delivery says. */
export type DeliveryContent =
  | Readonly<{ kind: 'observation'; event: string; observation: Observation; dedupeKey: Buffer }>
  | Readonly<{ kind: 'ignored'; event: string }>
  | Readonly<{ kind: 'unreadable'; event: string | null }>;

/** The application's key is the same for every tenant, so the delivery itself has to say that it is this account's. */
export function readDelivery({ body, receivedAt, isApplicationSigned, ...owner }: ReadableDelivery): DeliveryContent {
  const envelope = readEnvelope(body);
  if (envelope === null) return { kind: 'unreadable', event: null };
  const { event, json } = envelope;
  if (isApplicationSigned && json['created_by'] !== owner.accountUri) return { kind: 'ignored', event };
  if (!INVITEE_EVENTS.includes(event)) return { kind: 'ignored', event };
  const observation = parsePayload(json, { source: 'webhook', receivedAt: timestampOf(receivedAt) });
  if (observation === null) return { kind: 'unreadable', event };
  return { kind: 'observation', event, observation, dedupeKey: dedupeKey(owner, event, observation) };
}

/**
 * Calendly gives deliveries no id, so this key identifies one. The subscription is not part of it: while one subscription replaces
 * another, both deliver.
 */
function dedupeKey({ tenantId, accountUri }: Owner, event: string, { meeting }: Observation): Buffer {
  const parts = [tenantId, accountUri, event, meeting.inviteeUri, meeting.part.updatedAt, meeting.noShow?.uri ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
