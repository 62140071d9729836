/** For whom and for what a request is made. Stored and logged with it. */
export interface Trace {
  tenantId: string;
  effectId: string | null;
  effect: string;
  attempt: number;
}

/** One HTTP request to Calendly with its answer. It carries secrets until it is redacted, so never store or log it as it is. */
export interface Exchange {
  id: string;
  trace: Trace;
  method: string;
  /** The path only, because queries hold user URIs, and in OAuth codes. */
  path: string;
  requestBody: unknown;
  status: number | null;
  failure: UnansweredReason | null;
  headers: Record<string, string>;
  body: unknown;
  startedAt: Date;
  durationMs: number;
  /** Every secret that this request carried. Each is removed from everything that is stored or logged. */
  secrets: string[];
}

/**
 * Takes each finished exchange. Must not throw, because the answer matters more than its record. The exchange is logged at once;
 * with `after`, it is stored only after that promise, so that tokens in the answer are saved first.
 */
export type RecordExchange = (exchange: Exchange, after?: Promise<void>) => Promise<void>;

/** `notSent`: there was no connection, so Calendly did nothing. In all other cases Calendly may have acted. */
export type UnansweredReason = 'timeout' | 'cut' | 'notSent';

export type Outcome =
  | { kind: 'answered'; exchangeId: string; status: number; headers: Headers; text: string; body: unknown }
  | { kind: 'unanswered'; exchangeId: string; reason: UnansweredReason };
