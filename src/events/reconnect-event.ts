import type {
  AccountData,
  HostEvent,
  HostEventType,
  MeetingData,
  StateData,
  WarningData,
} from '../host-events/host-event.ts';
import type { Meeting } from '../meetings/meeting.ts';

interface Of<Type extends HostEventType, Data extends HostEvent['data']> extends Omit<HostEvent, 'type' | 'data'> {
  type: Type;
  data: Data;
}
type WithoutPrevious = Omit<MeetingData, 'previous'>;

export type MeetingCreated = Of<'meeting.created', WithoutPrevious>;
export type MeetingCanceled = Of<'meeting.canceled', WithoutPrevious>;
/** `previous` is the whole former meeting, which is canceled. */
export type MeetingRescheduled = Of<'meeting.rescheduled', WithoutPrevious & { previous: Meeting }>;
export type MeetingNoShow = Of<'meeting.no_show', WithoutPrevious>;
/** `previous` holds the former values of the fields that changed. */
export type MeetingUpdated = Of<'meeting.updated', WithoutPrevious & { previous: Partial<Meeting> }>;
export type ConnectionStateChanged = Of<'connection.state_changed', StateData>;
export type AccountChanged = Of<'connection.account_changed', AccountData>;
export type ConnectionWarning = Of<'connection.warning', WarningData>;

export type MeetingEvent = MeetingCreated | MeetingCanceled | MeetingRescheduled | MeetingNoShow | MeetingUpdated;
export type ConnectionEvent = ConnectionStateChanged | AccountChanged | ConnectionWarning;

/** One event as a host gets it. `type` tells which it is. A later version may have more types, so skip those that you do not know. */
export type ReconnectEvent = MeetingEvent | ConnectionEvent;

/** This does not compile if a type of event is missing above. */
type Missing = Exclude<HostEventType, ReconnectEvent['type']>;
const complete: [Missing] extends [never] ? true : Missing = true;
void complete;
