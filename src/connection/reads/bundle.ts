import { Type, type Static } from 'typebox';

export const BUNDLE_FORMAT = 'calendly-reconnect tenant';
export const BUNDLE_VERSION = 1;

const text = Type.String();
const nullableText = Type.Union([Type.String(), Type.Null()]);
const time = Type.String({ format: 'date-time' });

const HistoryRow = Type.Object({
  id: Type.Integer(),
  kind: text,
  version: Type.Integer(),
  at: time,
  from: nullableText,
  to: nullableText,
  note: nullableText,
  machineVersion: Type.Integer(),
  cause: Type.Object({ kind: text }),
  event: Type.Union([Type.Object({ type: text }), Type.Null()]),
  actions: Type.Union([
    Type.Null(),
    Type.Object({
      effects: Type.Array(Type.Object({ id: text, type: text, params: Type.Unknown() })),
      timers: Type.Array(Type.Object({ name: text, dueAt: nullableText })),
    }),
  ]),
});
const ExchangeRow = Type.Object({
  id: text,
  effectId: nullableText,
  effect: nullableText,
  attempt: Type.Union([Type.Integer(), Type.Null()]),
  method: text,
  path: text,
  requestBody: Type.Unknown(),
  status: Type.Union([Type.Integer(), Type.Null()]),
  failure: nullableText,
  headers: Type.Unknown(),
  body: Type.Unknown(),
  requestId: nullableText,
  startedAt: time,
  durationMs: Type.Number(),
});
const EffectRow = Type.Object({
  id: text,
  type: text,
  params: Type.Unknown(),
  runs: Type.Integer(),
  createdAt: time,
  answeredAt: Type.Union([time, Type.Null()]),
  answer: nullableText,
});

const finding = {
  code: text,
  verdict: text,
  headline: text,
  since: time,
  next: Type.Object({ who: text, action: text }),
};
const Diagnosis = Type.Object({
  ...finding,
  evidence: Type.Array(Type.Object({ kind: text, at: nullableText, ref: nullableText, says: text })),
  also: Type.Array(Type.Object(finding)),
});

/** One tenant in one file: what is needed to follow its story elsewhere. Nothing in it is a secret, but names and addresses are. */
export const Bundle = Type.Object({
  format: Type.Literal(BUNDLE_FORMAT),
  formatVersion: Type.Literal(BUNDLE_VERSION),
  exportedAt: time,
  exportedBy: text,
  /** True: older rows were left out. */
  cut: Type.Boolean(),
  bases: Type.Object({ authBaseUrl: text, apiBaseUrl: text }),
  connection: Type.Object({
    tenantId: text,
    state: text,
    substate: nullableText,
    since: time,
    version: Type.Integer(),
  }),
  /** As of then; bundles of earlier releases have none. */
  diagnosis: Type.Optional(Diagnosis),
  snapshot: Type.Object({ value: Type.Unknown(), context: Type.Object({}) }),
  timers: Type.Array(Type.Object({ name: text, dueAt: time, event: Type.Object({ type: text }) })),
  history: Type.Array(HistoryRow),
  effects: Type.Array(EffectRow),
  exchanges: Type.Array(ExchangeRow),
  deliveries: Type.Array(Type.Unknown()),
});
export type Bundle = Static<typeof Bundle>;
