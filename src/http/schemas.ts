import { Type } from 'typebox';
import { CONNECTION_STATES } from '../../machines/connection/index.ts';
import { problems, type ProblemCode } from '../errors.ts';

// A schema with a title stands once in the description of the routes, under that name, and is referred to from there.

export const text = Type.String();
export const time = Type.String({ format: 'date-time' });
export const count = Type.Integer({ minimum: 0 });
/** Two types in one, which is serialized faster than a union. */
export const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const nullableTime = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' });
export const nullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] });
export const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) =>
  Type.Union([schema, Type.Null()]);

export const ListQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
    cursor: Type.Optional(Type.String({ minLength: 1, description: '`nextCursor` of the previous page' })),
  },
  { additionalProperties: false },
);

export const State = Type.Enum([...CONNECTION_STATES], { title: 'ConnectionState' });
/** Of CALENDLY_CLIENTS, or `default`. */
export const ClientName = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'The Calendly client to connect with: named at the first connect or import, and fixed from then on',
});

const Account = Type.Object(
  { uri: text, email: nullableText, name: nullableText, organization: nullableText },
  { title: 'Account' },
);
export const ConnectionProblem = Type.Object(
  {
    code: text,
    message: text,
    at: time,
    exchangeId: nullableText,
    missingScopes: Type.Optional(Type.Array(text)),
  },
  { title: 'ConnectionProblem' },
);
export const Debt = Type.Object(
  {
    kind: Type.Enum(['subscription', 'grant']),
    remoteId: nullableText,
    attempts: count,
    lastError: nullable(ConnectionProblem),
  },
  { title: 'Debt' },
);
const Subscription = Type.Object(
  {
    uri: nullableText,
    state: nullableText,
    scope: text,
    events: Type.Array(text),
    createdAt: time,
    lastDeliveryAt: nullableTime,
    retryStartedAt: nullableTime,
  },
  { title: 'Subscription' },
);

export const Connection = Type.Object(
  {
    tenantId: text,
    client: nullableText,
    state: State,
    substate: nullableText,
    since: time,
    account: nullable(Account),
    pendingAccount: nullable(Account),
    subscription: nullable(Subscription),
    token: nullable(Type.Object({ expiresAt: time, scope: text })),
    delivery: nullable(Type.Enum(['webhooks', 'polling'])),
    lastError: nullable(ConnectionProblem),
    debts: Type.Array(Debt),
    version: Type.Integer(),
  },
  { title: 'Connection' },
);
export const ConnectionAnswer = Type.Object({ connection: Connection }, { title: 'ConnectionAnswer' });

/** RFC 9457. */
const Problem = Type.Object(
  {
    type: text,
    title: text,
    status: Type.Integer(),
    detail: Type.Optional(text),
    code: Type.Enum(Object.keys(problems) as ProblemCode[]),
  },
  { additionalProperties: true, title: 'Problem', description: 'A problem document of RFC 9457' },
);
export const failures = { '4xx': Problem, '5xx': Problem };
