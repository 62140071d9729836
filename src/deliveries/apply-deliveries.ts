import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { recordMeetingChanges } from '../host-events/record-meeting-changes.ts';
import { mergeObservations } from '../meetings/apply-observations.ts';
import { eventKey, lockFreeEvents } from '../meetings/event-locks.ts';
import { keepTenants, postponeDeliveries, type ClaimedDelivery } from './claim-deliveries.ts';
import { noteLastDeliveries, type LastDelivery } from './note-deliveries.ts';
import { readDelivery, type DeliveryContent } from './envelope.ts';
import type { FinalVerdict } from './verdict.ts';

/** The result for one stored delivery. */
export type AppliedDelivery = Readonly<{
  id: number;
  tenantId: string;
  subscriptionId: string;
  verdict: FinalVerdict;
  event: string | null;
  /** When the invitee booked, of a booking. */
  bookedAt: Date | null;
  receivedAt: Date;
  traceparent: string | null;
  /** What became of the meeting, for an applied or repeated delivery. */
  meeting: Readonly<{ isNew: boolean; changed: boolean }> | null;
}>;

type ReadDelivery = ClaimedDelivery & { content: DeliveryContent };

/**
 * Merges claimed deliveries into meetings, tells the host, and returns the result for each, in the transaction that claimed them. The
 * number of statements does not depend on the number of deliveries. Deliveries of locked events are left for later.
 */
export async function applyDeliveries(
  trx: Transaction<Database>,
  claimed: readonly ClaimedDelivery[],
): Promise<{
  applied: AppliedDelivery[];
  unnoted: LastDelivery[];
}> {
  const { kept, beingErased } = await keepTenants(trx, claimed);
  const read = kept.map((delivery): ReadDelivery => ({
    ...delivery,
    content: readDelivery(delivery),
  }));
  const free = await lockFreeEvents(trx, read.flatMap(keyOf));
  const isFree = (delivery: ReadDelivery) => keyOf(delivery).every((key) => free.has(key));
  await postponeDeliveries(
    trx,
    [...beingErased, ...read.filter((delivery) => !isFree(delivery))].map(({ id }) => id),
  );
  const ready = read.filter(isFree);
  if (ready.length === 0) return { applied: [], unnoted: [] };

  const meetings = await mergeDeliveries(trx, ready);
  const verdicts = await verdictsOf(trx, ready);
  await writeVerdicts(trx, ready, verdicts);
  const unnoted = await noteLastDeliveries(trx, ready);
  const applied = ready.map(({ id, tenantId, subscriptionId, receivedAt, traceparent, content }) => ({
    id,
    tenantId,
    subscriptionId,
    receivedAt,
    traceparent,
    event: content.event,
    bookedAt: content.kind === 'observation' ? content.bookedAt : null,
    verdict: verdicts.get(id)!,
    meeting: meetings.get(id) ?? null,
  }));
  return { applied, unnoted };
}

function keyOf({ content, ...owner }: ReadDelivery): string[] {
  return content.kind === 'observation' ? [eventKey(owner, content.observation.event.uri)] : [];
}

async function mergeDeliveries(
  trx: Transaction<Database>,
  deliveries: readonly ReadDelivery[],
): Promise<Map<number, AppliedDelivery['meeting']>> {
  const observing = deliveries.flatMap(({ content, ...delivery }) =>
    content.kind === 'observation' ? [{ ...delivery, observation: content.observation }] : [],
  );
  const { results, changes } = await mergeObservations(
    trx,
    observing.map(({ tenantId, accountUri, observation }) => ({ owner: { tenantId, accountUri }, observation })),
  );
  await recordMeetingChanges(
    trx,
    ...changes.map(({ cause, ...change }) => {
      const { tenantId, accountUri, receivedAt, traceparent } = observing[cause]!;
      return { tenantId, accountUri, at: receivedAt, source: 'webhook' as const, traceparent, changes: [change] };
    }),
  );
  return new Map(results.map(({ isNew, changed }, index) => [observing[index]!.id, { isNew, changed }]));
}

/** The first one of its kind is applied. The others are duplicates, whether they are in this batch or were stored before. */
async function verdictsOf(
  trx: Transaction<Database>,
  deliveries: readonly ReadDelivery[],
): Promise<Map<number, FinalVerdict>> {
  const keys = deliveries.flatMap(({ content }) => (content.kind === 'observation' ? [content.dedupeKey] : []));
  const { rows } = await sql<{ dedupe_key: Buffer }>`
    select dedupe_key from delivery where verdict = 'applied' and dedupe_key = any(${keys}::bytea[])`.execute(trx);
  const seen = new Set(rows.map((row) => row.dedupe_key.toString('hex')));
  return new Map(
    deliveries.map(({ id, content }) => {
      if (content.kind !== 'observation') return [id, content.kind];
      const key = content.dedupeKey.toString('hex');
      const verdict = seen.has(key) ? 'duplicate' : 'applied';
      seen.add(key);
      return [id, verdict];
    }),
  );
}

async function writeVerdicts(
  trx: Transaction<Database>,
  deliveries: readonly ReadDelivery[],
  verdicts: ReadonlyMap<number, FinalVerdict>,
): Promise<void> {
  const observed = deliveries.map(({ content }) => (content.kind === 'observation' ? content : null));
  await sql`
    update delivery set verdict = final.verdict, event = final.event, event_uri = final.event_uri, invitee_uri = final.invitee_uri,
      dedupe_key = final.dedupe_key, next_attempt_at = null, last_error = null
    from unnest(
      ${deliveries.map(({ id }) => id)}::bigint[], ${deliveries.map(({ id }) => verdicts.get(id))}::text[],
      ${deliveries.map(({ content }) => content.event)}::text[], ${observed.map((each) => each?.observation.event.uri ?? null)}::text[],
      ${observed.map((each) => each?.observation.meeting.inviteeUri ?? null)}::text[], ${observed.map((each) => each?.dedupeKey ?? null)}::bytea[]
    ) as final (id, verdict, event, event_uri, invitee_uri, dedupe_key)
    where delivery.id = final.id`.execute(trx);
}
