import { timeOfRemoval } from './no-show-time.ts';
import type { NoShow, Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { Perspective } from './perspective.ts';
import { readObject, readUri, type JsonObject } from './read-json.ts';
import { EARLIEST, parseTimestamp } from './timestamp.ts';

/** The events whose payload is an invitee. A subscription may have others; they say nothing about meetings. */
export const INVITEE_EVENTS = [
  'invitee.created',
  'invitee.canceled',
  'invitee_no_show.created',
  'invitee_no_show.deleted',
];

/**
 * What a delivery says about a meeting. Tolerant and additive: payloads have gained members over the years, and old ones
 * without them are as good. Null: not an invitee that could be told apart from others.
 */
export function parsePayload(envelope: JsonObject, perspective: Perspective): Observation | null {
  const payload = readObject(envelope['payload']);
  if (payload === null) return null;
  const noShow = readNoShow(envelope, payload);
  const removed = noShow?.uri === null ? noShow.at : null;
  const observation = observe(payload, readObject(payload['scheduled_event']), { noShow, removed }, perspective);
  if (observation === null || envelope['event'] !== 'invitee.canceled') return observation;
  return { ...observation, meeting: { ...observation.meeting, canceled: true } };
}

/** A payload without a no-show does not mean that there is none, unless the event is its removal. */
function readNoShow(envelope: JsonObject, payload: JsonObject): NoShow | null {
  if (envelope['event'] === 'invitee_no_show.deleted') {
    return { at: timeOfRemoval(envelope['created_at'], payload['updated_at']), uri: null };
  }
  const noShow = readObject(payload['no_show']);
  const uri = readUri(noShow?.['uri']);
  if (noShow === null || uri === null) return null;
  return { at: parseTimestamp(noShow['created_at']) ?? parseTimestamp(envelope['created_at']) ?? EARLIEST, uri };
}
