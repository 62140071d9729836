import type { CalendlySide, DeliveryFate } from './calendly-side.ts';
import type { Change } from './load.ts';
import { Tally } from './tally.ts';

/** How each change that somebody waited for came through, from what Calendly knows of its deliveries. */
export function howChangesCame(changes: readonly Change[], side: CalendlySide): Tally {
  const tally = new Tally();
  const fates = [...side.deliveries.values()];
  const byKey = Map.groupBy(fates, ({ key }) => key);
  const delivered = Map.groupBy(
    fates.filter(({ deliveredAt }) => deliveredAt !== null),
    ({ inviteeUri }) => inviteeUri,
  );
  for (const change of changes) {
    if (change.isAwaited) tally.add(how(byKey.get(change.key) ?? [], delivered.get(change.inviteeUri) ?? [], change));
  }
  return tally;
}

function how(own: DeliveryFate[], ofInvitee: DeliveryFate[], { at }: Change): string {
  const came = own.filter(({ deliveredAt }) => deliveredAt !== null);
  if (came.some(({ attempts }) => attempts === 1)) {
    return own.length === came.length ? 'delivered at once' : 'missed, recovered by: another copy of the delivery';
  }
  if (came.length > 0) return 'missed, recovered by: the webhook, retried by Calendly';
  // Each delivery shows the whole invitee, hence what an earlier one would have said.
  if (ofInvitee.some(({ createdAt, deliveredAt }) => deliveredAt !== null && createdAt > at))
    return 'missed, recovered by: a later delivery about the same invitee';
  const why =
    own.length === 0
      ? 'nobody was subscribed'
      : own.some(({ status }) => status === 'abandoned')
        ? 'the webhook was disabled or deleted'
        : 'Calendly never sent it';
  return `missed, recovered by: a back-fill (${why})`;
}
