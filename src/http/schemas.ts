import { Type } from 'typebox';

const text = Type.String();
const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()]);
const time = Type.String({ format: 'date-time' });

export const ListQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
    cursor: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);

const Account = Type.Object({ uri: text, email: nullable(text), name: nullable(text), organization: nullable(text) });
const Problem = Type.Object({
  code: text,
  message: text,
  at: time,
  exchangeId: nullable(text),
  missingScopes: Type.Optional(Type.Array(text)),
});
export const Debt = Type.Object({
  kind: Type.Union([Type.Literal('subscription'), Type.Literal('grant')]),
  remoteId: nullable(text),
  attempts: Type.Integer(),
  lastError: nullable(Problem),
});

export const Connection = Type.Object({
  tenantId: text,
  state: text,
  substate: nullable(text),
  since: time,
  account: nullable(Account),
  pendingAccount: nullable(Account),
  subscription: nullable(
    Type.Object({
      uri: nullable(text),
      state: nullable(text),
      scope: text,
      events: Type.Array(text),
      createdAt: time,
      lastDeliveryAt: nullable(time),
      retryStartedAt: nullable(time),
    }),
  ),
  token: nullable(Type.Object({ expiresAt: time, scope: text })),
  delivery: nullable(Type.Union([Type.Literal('webhooks'), Type.Literal('polling')])),
  lastError: nullable(Problem),
  debts: Type.Array(Debt),
  version: Type.Integer(),
});
export const ConnectionAnswer = Type.Object({ connection: Connection });

/** RFC 9457. */
const ProblemDocument = Type.Object(
  {
    type: text,
    title: text,
    status: Type.Integer(),
    detail: Type.Optional(text),
    code: text,
  },
  { additionalProperties: true },
);
export const failures = { '4xx': ProblemDocument, '5xx': ProblemDocument };

/** A page of a list. Items are documented by example in `docs/`; they are serialized as they are. */
export const PageAnswer = Type.Object(
  { items: Type.Array(Type.Any()), nextCursor: nullable(text) },
  { additionalProperties: true },
);
