import type { NoShow, Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { Perspective } from './perspective.ts';
import { readObject, readUri } from './read-json.ts';
import { parseTimestamp, timestampOf } from './timestamp.ts';

/**
 * What `GET /scheduled_events` and `GET /scheduled_events/{uuid}/invitees` say about one invitee. `requestedAt`: just before
 * the request for the invitees was sent: the answer shows the state at that time or a later one.
 */
export function parsePageItem(
  event: unknown,
  invitee: unknown,
  perspective: Perspective & { requestedAt: Date },
): Observation | null {
  const inviteeObject = readObject(invitee);
  if (inviteeObject === null) return null;
  return observe(
    inviteeObject,
    readObject(event),
    {
      noShow: readNoShow(inviteeObject['no_show'], perspective.requestedAt),
      removed: null,
    },
    perspective,
  );
}

/** Our clock may be ahead of Calendly's. Without this margin, a mark made just after the answer would count as removed. */
const CLOCK_MARGIN_MS = 60_000;

/** On a page, a missing mark means that there is none: if the delivery of its removal was lost, nothing else shows the removal. */
function readNoShow(noShow: unknown, requestedAt: Date): NoShow | null {
  if (noShow === undefined) return null;
  const mark = readObject(noShow);
  const asOf = timestampOf(new Date(requestedAt.getTime() - CLOCK_MARGIN_MS));
  return { at: parseTimestamp(mark?.['created_at']) ?? asOf, uri: readUri(mark?.['uri']) };
}
