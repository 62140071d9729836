import { Type, type Static } from 'typebox';

export const BUNDLE_FORMAT = 'calendly-reconnect tenant';
export const BUNDLE_VERSION = 1;
/** The newest rows of each kind: more than a person reads, and few enough for a browser to open. */
export const MOST_ROWS = { history: 1_000, exchanges: 1_000, effects: 2_000, deliveries: 500 };
const MOST_TIMERS = 200;
const MOST_ACTIONS = 100;

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
      effects: Type.Array(Type.Object({ id: text, type: text, params: Type.Unknown() }), { maxItems: MOST_ACTIONS }),
      timers: Type.Array(Type.Object({ name: text, dueAt: nullableText }), { maxItems: MOST_ACTIONS }),
    }),
  ]),
});
const ExchangeRow = Type.Object({
  id: text,
  effectId: nullableText,
  effect: nullableText,
  attempt: Type.Union([Type.Integer(), Type.Null()]),
  method: Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  // A path below our own base: no second slash, no other host.
  path: Type.String({ pattern: '^/(?![/\\\\])[\\x21-\\x7e]*$', maxLength: 4_000 }),
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

/** One tenant in one file: what another machine needs to show its story. It holds no secret, but it holds names and addresses. */
export const Bundle = Type.Object({
  format: Type.Literal(BUNDLE_FORMAT),
  formatVersion: Type.Literal(BUNDLE_VERSION),
  exportedAt: time,
  exportedBy: text,
  /** True if older rows were left out. */
  cut: Type.Boolean(),
  bases: Type.Object({ authBaseUrl: text, apiBaseUrl: text }),
  connection: Type.Object({
    tenantId: text,
    state: text,
    substate: nullableText,
    since: time,
    version: Type.Integer(),
  }),
  /** The diagnosis at the time of the export. Bundles of earlier releases have none. */
  diagnosis: Type.Optional(Diagnosis),
  snapshot: Type.Object({ value: Type.Unknown(), context: Type.Object({}) }),
  timers: Type.Array(Type.Object({ name: text, dueAt: time, event: Type.Object({ type: text }) }), {
    maxItems: MOST_TIMERS,
  }),
  history: Type.Array(HistoryRow, { maxItems: MOST_ROWS.history }),
  effects: Type.Array(EffectRow, { maxItems: MOST_ROWS.effects }),
  exchanges: Type.Array(ExchangeRow, { maxItems: MOST_ROWS.exchanges }),
  deliveries: Type.Array(Type.Unknown(), { maxItems: MOST_ROWS.deliveries }),
});
export type Bundle = Static<typeof Bundle>;
