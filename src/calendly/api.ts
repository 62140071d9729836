import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Outcome, RecordExchange, Trace } from './exchange.ts';
import { failureOf, isApiError, refusalOf, type CallFailure, type Refused } from './failure.ts';
import { send } from './transport.ts';

export interface ApiClient {
  apiBaseUrl: string;
  record: RecordExchange;
}

export type ApiAnswer<T> =
  /** `pauseSeconds`: how long to pause because the rate limit is nearly used up; 0 if it is not. */
  | { kind: 'ok'; value: T; exchangeId: string; pauseSeconds: number }
  | { kind: 'forbidden'; refused: Refused; exchangeId: string }
  /** `isCalendlys`: the body is Calendly's own JSON. A proxy can answer 404, too. */
  | { kind: 'notFound'; exchangeId: string; isCalendlys: boolean }
  | { kind: 'conflict'; exchangeId: string }
  /** `status`: null if no answer came. */
  | { kind: 'failed'; failure: CallFailure; status: number | null };

export interface ApiRequest {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  /** Secrets in the body, to be removed from the record. The access token need not be listed. */
  secrets?: string[];
}

const API_TIMEOUT_MS = 30_000;

/** One API call. A schema names only the fields that are used, so new fields of Calendly do no harm. */
export async function callApi<S extends TSchema>(
  { apiBaseUrl, record }: ApiClient,
  trace: Trace,
  accessToken: string,
  { method, path, query, body, secrets = [] }: ApiRequest,
  schema: S,
): Promise<ApiAnswer<Static<S>>> {
  const url = new URL(`${apiBaseUrl}${path}`);
  if (query) url.search = new URLSearchParams(query).toString();
  const outcome = await send(record, trace, {
    url: url.href,
    method,
    headers: {
      authorization: `Bearer ${accessToken}`,
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body), recordedBody: body } : {}),
    secrets: [accessToken, ...secrets],
    timeoutMs: API_TIMEOUT_MS,
  });
  return answerOf(outcome, schema);
}

function answerOf<S extends TSchema>(outcome: Outcome, schema: S): ApiAnswer<Static<S>> {
  const { exchangeId } = outcome;
  const refused = refusalOf(outcome);
  if (refused) return { kind: 'forbidden', refused, exchangeId };
  if (outcome.kind === 'answered') {
    if (outcome.status === 404) return { kind: 'notFound', exchangeId, isCalendlys: isApiError(outcome.body) };
    if (outcome.status === 409) return { kind: 'conflict', exchangeId };
    if (outcome.status >= 200 && outcome.status < 300 && Value.Check(schema, outcome.body)) {
      return { kind: 'ok', value: outcome.body as Static<S>, exchangeId, pauseSeconds: pauseSeconds(outcome.headers) };
    }
  }
  return { kind: 'failed', failure: failureOf(outcome), status: outcome.kind === 'answered' ? outcome.status : null };
}

/** When the rate limit is nearly used up, long work leaves this many requests to people and to other tenants of the same account. */
const SPARE_REQUESTS = 10;

/** `X-RateLimit-Remaining` and `-Reset`; the reset is in seconds from now. */
function pauseSeconds(headers: Headers): number {
  const remaining = headers.get('x-ratelimit-remaining');
  const reset = headers.get('x-ratelimit-reset');
  if (remaining === null || reset === null || !/^\d+$/.test(remaining) || !/^\d+$/.test(reset)) return 0;
  return Number(remaining) > SPARE_REQUESTS ? 0 : Math.min(120, Number(reset));
}

/** Calendly's URIs are identities, never addresses: only the last path segment goes into a request. */
export function idOf(uri: string): string {
  const id = uri.split('/').filter(Boolean).at(-1) ?? '';
  return encodeURIComponent(id);
}

/** An empty body, or any JSON. HTML with status 200 comes from a gateway, so Calendly did nothing. */
export const Nothing = Type.Union([Type.Null(), Type.Object({})]);
