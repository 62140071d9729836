import { Type, type TSchema } from 'typebox';
import { HOST_EVENT_STATUSES } from '../host-events/list-host-events.ts';
import type { HostEvent } from '../host-events/host-event.ts';
import { meetingFields, pageOf, source } from './list-schemas.ts';
import {
  ConnectionProblem,
  count,
  nullable,
  nullableInteger,
  nullableText,
  nullableTime,
  State,
  text,
  time,
} from './schemas.ts';

/**
 * An event as it is in an answer: serialized as it was stored, byte for byte as it is posted. What it looks like stands in
 * DESCRIBED_EVENTS, which is for the description only.
 */
const Event = Type.Unsafe<HostEvent>({ title: 'ReconnectEvent' });

export const EventsPage = Type.Object(
  { items: Type.Array(Event), nextCursor: text, hasMore: Type.Boolean() },
  { title: 'EventsPage' },
);

const OutgoingEvent = Type.Object(
  {
    event: Event,
    status: Type.Enum([...HOST_EVENT_STATUSES]),
    attempts: count,
    firstAttemptAt: nullableTime,
    nextAttemptAt: nullableTime,
    sentAt: nullableTime,
    parkedAt: nullableTime,
    lastError: nullable(Type.Object({ code: text, status: nullableInteger, at: time })),
  },
  { title: 'OutgoingEvent' },
);
export const OutgoingEventsPage = pageOf('OutgoingEventsPage', OutgoingEvent);

const changed = { ...meetingFields, changeSource: source, accountUri: text };
const StateOfConnection = { state: State, substate: nullableText };

const described = {
  'meeting.created': ['MeetingCreated', Type.Object(changed)],
  'meeting.canceled': ['MeetingCanceled', Type.Object(changed)],
  'meeting.rescheduled': ['MeetingRescheduled', Type.Object({ ...changed, previous: Type.Object(meetingFields) })],
  'meeting.no_show': ['MeetingNoShow', Type.Object(changed)],
  'meeting.updated': [
    'MeetingUpdated',
    Type.Object({ ...changed, previous: Type.Partial(Type.Object(meetingFields)) }),
  ],
  'connection.state_changed': [
    'ConnectionStateChanged',
    Type.Object({
      ...StateOfConnection,
      previous: Type.Object(StateOfConnection),
      account: nullable(Type.Object({ uri: text, organization: nullableText })),
      delivery: nullable(Type.Enum(['webhooks', 'polling'])),
      lastError: nullable(ConnectionProblem),
      version: Type.Integer(),
    }),
  ],
  'connection.account_changed': [
    'AccountChanged',
    Type.Object({
      account: Type.Object({ uri: text, organization: nullableText }),
      previousAccount: Type.Object({ uri: text }),
      meetingsHidden: count,
      meetingsShown: count,
      version: Type.Integer(),
    }),
  ],
  'connection.warning': [
    'ConnectionWarning',
    Type.Object({ code: text, message: text, details: Type.Object({}, { additionalProperties: true }) }),
  ],
} as const satisfies Record<HostEvent['type'], readonly [string, TSchema]>;

/** Every event by its type, as the description of the routes shows it. */
export const DESCRIBED_EVENTS: Readonly<Record<string, TSchema>> = {
  ReconnectEvent: Type.Union(
    Object.entries(described).map(([type, [title, data]]) =>
      Type.Object(
        { id: Type.String({ format: 'uuid' }), type: Type.Enum([type]), timestamp: time, tenantId: text, data },
        { title },
      ),
    ),
    { title: 'ReconnectEvent' },
  ),
};
