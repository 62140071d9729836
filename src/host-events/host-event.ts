import type { ConnectionState } from '../../machines/connection/index.ts';
import type { Meeting } from '../meetings/meeting.ts';

export const HOST_EVENT_TYPES = [
  'meeting.created',
  'meeting.canceled',
  'meeting.rescheduled',
  'meeting.no_show',
  'meeting.updated',
  'connection.state_changed',
  'connection.account_changed',
  'connection.warning',
] as const;
export type HostEventType = (typeof HOST_EVENT_TYPES)[number];

/** One event as the host product gets it: the body of the POST, an item of the feed, the data of the stream. */
export interface HostEvent {
  /** The same in every attempt and in the feed, so that a host recognises copies. */
  id: string;
  type: HostEventType;
  /** RFC 3339: when we learned of it. */
  timestamp: string;
  tenantId: string;
  data: MeetingData | StateData | AccountData | WarningData;
}

/** The meeting as `GET …/meetings` shows it, and what it was before. */
export type MeetingData = Meeting & {
  /** Where this change came from. `source` is where the meeting first came from. */
  changeSource: Meeting['source'];
  /** The account of the meeting. Meetings of a former account are not shown any more. */
  accountUri: string;
  /** `meeting.updated`: the fields that changed, as they were · `meeting.rescheduled`: the whole former meeting. */
  previous?: Partial<Meeting>;
};

/** The connection, in the words of `GET …/connection`. */
export interface StateData {
  state: ConnectionState;
  substate: string | null;
  previous: { state: ConnectionState; substate: string | null };
  account: { uri: string; organization: string | null } | null;
  delivery: 'webhooks' | 'polling' | null;
  lastError: { code: string; message: string; at: string; exchangeId: string | null; missingScopes?: string[] } | null;
  version: number;
}

/** The tenant has another account than before. Meetings of the former account are not shown any more; those of this one are. */
export interface AccountData {
  account: { uri: string; organization: string | null };
  previousAccount: { uri: string };
  /** How many stored meetings of the former account are no longer shown; 10,000 means that many or more. */
  meetingsHidden: number;
  /** How many meetings of this account are known from earlier and are shown again; 10,000 means that many or more. */
  meetingsShown: number;
  version: number;
}

export interface WarningData {
  code: string;
  /** For a person. */
  message: string;
  details: Readonly<Record<string, unknown>>;
}
