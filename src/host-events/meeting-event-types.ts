import { canonicalJson } from '../meetings/canonical-json.ts';
import type { Meeting } from '../meetings/meeting.ts';
import type { HostEventType } from './host-event.ts';

export type MeetingEventType = Exclude<Extract<HostEventType, `meeting.${string}`>, 'meeting.rescheduled'>;

/** Times of receipt and of Calendly's last change. If only these change, the host is not told. */
const BOOKKEEPING: readonly (keyof Meeting)[] = ['updatedAt', 'receivedAt', 'source'];

/** The types of events for a change of one meeting; none if nothing visible changed. */
export function meetingEventTypes(before: Meeting | null, after: Meeting): MeetingEventType[] {
  const noShow = after.noShow && !before?.noShow ? ['meeting.no_show' as const] : [];
  // The meeting was already canceled when it was first seen: only the cancellation is told.
  if (before === null) return [after.status === 'canceled' ? 'meeting.canceled' : 'meeting.created', ...noShow];
  if (before.status === 'active' && after.status === 'canceled') return ['meeting.canceled', ...noShow];
  if (noShow.length > 0) return noShow;
  return changedFields(before, after).length > 0 ? ['meeting.updated'] : [];
}

/** The fields that differ, with their former values. */
export function formerFields(before: Meeting, after: Meeting): Partial<Meeting> {
  return Object.fromEntries(changedFields(before, after).map((field) => [field, before[field]]));
}

function changedFields(before: Meeting, after: Meeting): (keyof Meeting)[] {
  return (Object.keys(after) as (keyof Meeting)[]).filter(
    (field) => !BOOKKEEPING.includes(field) && canonicalJson(before[field]) !== canonicalJson(after[field]),
  );
}
