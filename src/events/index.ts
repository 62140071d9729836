export type {
  AccountChanged,
  ConnectionEvent,
  ConnectionStateChanged,
  ConnectionWarning,
  MeetingCanceled,
  MeetingCreated,
  MeetingEvent,
  MeetingNoShow,
  MeetingRescheduled,
  MeetingUpdated,
  ReconnectEvent,
} from './reconnect-event.ts';
export type { Meeting } from '../meetings/meeting.ts';
export { EventRefused, verifyEvent, type ReceivedHeaders } from './verify-event.ts';
