import { Type, type TSchema } from 'typebox';
import { count, nullable, nullableInteger, nullableText, nullableTime, State, text, time } from './schemas.ts';

/** A page of a list; `nextCursor` is null on the last one. */
export const pageOf = <S extends TSchema>(title: string, items: S) =>
  Type.Object({ items: Type.Array(items), nextCursor: nullableText }, { title });

export const source = Type.Enum(['webhook', 'backfill', 'polling']);
/** JSON of no fixed shape: it is serialized as it is. */
const anything = Type.Unknown();

export const meetingFields = {
  id: text,
  eventUri: text,
  inviteeUri: text,
  status: Type.Enum(['active', 'canceled']),
  name: nullableText,
  email: nullableText,
  startTime: nullableTime,
  endTime: nullableTime,
  timezone: nullableText,
  location: Type.Unsafe<Readonly<Record<string, unknown>> | null>({
    type: ['object', 'null'],
    additionalProperties: true,
  }),
  joinUrl: nullableText,
  cancelUrl: nullableText,
  rescheduleUrl: nullableText,
  rescheduledFrom: nullableText,
  rescheduledTo: nullableText,
  noShow: Type.Boolean(),
  source,
  receivedAt: time,
  updatedAt: time,
};
const Meeting = Type.Object(meetingFields, { title: 'Meeting' });
export const MeetingsPage = pageOf('MeetingsPage', Meeting);

const HistoryRow = Type.Object(
  {
    id: Type.Integer(),
    kind: text,
    version: Type.Integer(),
    at: time,
    event: anything,
    from: nullableText,
    to: nullableText,
    cause: anything,
    actions: anything,
    note: nullableText,
    machineVersion: Type.Integer(),
  },
  { title: 'HistoryRow' },
);
export const HistoryPage = pageOf('HistoryPage', HistoryRow);

const Exchange = Type.Object(
  {
    id: text,
    effectId: nullableText,
    effect: nullableText,
    attempt: nullableInteger,
    method: text,
    path: text,
    requestBody: anything,
    status: nullableInteger,
    failure: nullableText,
    headers: anything,
    body: anything,
    requestId: nullableText,
    startedAt: time,
    durationMs: Type.Integer(),
  },
  { title: 'Exchange' },
);
export const ExchangesPage = pageOf('ExchangesPage', Exchange);

const Delivery = Type.Object(
  {
    id: Type.Integer(),
    subscriptionId: text,
    accountUri: text,
    receivedAt: time,
    signedAt: nullableTime,
    signingKeyId: nullableText,
    applicationKey: nullableText,
    verdict: text,
    event: nullableText,
    eventUri: nullableText,
    inviteeUri: nullableText,
    bodyBytes: Type.Integer(),
    attempts: count,
    lastError: nullableText,
  },
  { title: 'Delivery' },
);
export const DeliveriesPage = pageOf('DeliveriesPage', Delivery);

const Tenant = Type.Object(
  {
    tenantId: text,
    state: State,
    substate: nullableText,
    since: time,
    account: nullable(Type.Object({ uri: text, email: nullableText, name: nullableText })),
    version: Type.Integer(),
  },
  { title: 'Tenant' },
);
export const TenantsPage = Type.Object(
  {
    items: Type.Array(Tenant),
    nextCursor: nullableText,
    counts: Type.Unsafe<Record<string, number>>({
      type: 'object',
      additionalProperties: count,
      description: 'How many tenants are in each state',
    }),
  },
  { title: 'TenantsPage' },
);

const AuditRow = Type.Object(
  {
    id: Type.Integer(),
    at: time,
    actor: Type.Object({ kind: Type.Enum(['key', 'operator', 'nobody']), name: text }),
    action: text,
    outcome: Type.Enum(['done', 'refused']),
    tenantId: nullableText,
    address: nullableText,
    reason: nullableText,
  },
  { title: 'AuditRow' },
);
export const AuditPage = pageOf('AuditPage', AuditRow);

const InviteeRecord = Type.Object(
  {
    tenantId: text,
    accountUri: text,
    meeting: Meeting,
    deliveries: Type.Array(Type.Object({ id: Type.Integer(), receivedAt: time, event: nullableText, body: anything })),
    hostEvents: Type.Array(Type.Object({ id: text, type: text, recordedAt: time, body: anything })),
  },
  { title: 'InviteeRecord' },
);
export const InviteePage = pageOf('InviteePage', InviteeRecord);
