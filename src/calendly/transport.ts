import { randomUUID } from 'node:crypto';
import { SpanStatusCode } from '@opentelemetry/api';
import ky from 'ky';
import { traced } from '../tracing/traced.ts';
import type { Exchange, Outcome, RecordExchange, Trace, UnansweredReason } from './exchange.ts';
import { limitRunningTime } from './limit-running-time.ts';
import { userAgent as OUR_USER_AGENT } from './user-agent.ts';

export interface WireRequest {
  url: string;
  method: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: string;
  /** The request's body as it is recorded. Its secrets are removed. */
  recordedBody?: unknown;
  secrets: string[];
  /** Sent instead of our own user agent, to see how Calendly answers it. */
  userAgent?: string;
  timeoutMs: number;
}

/** Connection failures before a request could leave: nothing can have happened at Calendly. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** ky without retries, redirects or errors for statuses: one call is one HTTP request. */
const http = ky.create({ retry: 0, throwHttpErrors: false, redirect: 'manual', timeout: false });

/** Sends one request and records the exchange in every case. Never throws because of Calendly or the network. */
export async function send(record: RecordExchange, trace: Trace, request: WireRequest): Promise<Outcome> {
  const exchange: Exchange = {
    id: randomUUID(),
    trace,
    method: request.method,
    path: new URL(request.url).pathname,
    requestBody: request.recordedBody ?? null,
    status: null,
    failure: null,
    headers: {},
    body: null,
    startedAt: new Date(),
    durationMs: 0,
    secrets: request.secrets,
  };
  const start = performance.now();
  const { method, path } = exchange;
  const attributes = { 'http.request.method': method, 'url.path': path, 'exchange.id': exchange.id };
  const outcome = await traced(`${method} Calendly`, { kind: 'client', attributes }, async (span) => {
    const found = await attempt(exchange, request);
    if (found.kind === 'answered') span.setAttribute('http.response.status_code', found.status);
    else span.setStatus({ code: SpanStatusCode.ERROR, message: found.reason });
    return found;
  });
  exchange.durationMs = Math.round(performance.now() - start);
  await record(exchange);
  return outcome;
}

async function attempt(
  exchange: Exchange,
  { url, method, headers, body, timeoutMs, userAgent = OUR_USER_AGENT }: WireRequest,
): Promise<Outcome> {
  const limit = limitRunningTime(timeoutMs);
  try {
    // The signal also limits the time for the body; ky's own timeout ends when the headers arrive.
    const response = await http(url, {
      // Set last, because the OAuth library sets its own name.
      method,
      signal: limit.signal,
      headers: { ...lowerCased(headers), 'user-agent': userAgent },
      ...(body === undefined ? {} : { body }),
    });
    const text = await readBounded(response);
    exchange.status = response.status;
    exchange.headers = Object.fromEntries(response.headers);
    exchange.body = parse(text);
    return {
      kind: 'answered',
      exchangeId: exchange.id,
      status: response.status,
      headers: response.headers,
      text,
      body: exchange.body,
    };
  } catch (error) {
    exchange.failure = reasonOf(error);
    return { kind: 'unanswered', exchangeId: exchange.id, reason: exchange.failure };
  } finally {
    limit.clear();
  }
}

function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Far above any real answer (a page of 100 events has about 200 kB). A longer body counts as a broken connection. */
const MOST_ANSWER_BYTES = 10 * 1024 * 1024;

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('The answer is longer than any real one.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): UnansweredReason {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at.name === 'TimeoutError') return 'timeout';
    if (at.name === 'AbortError') return 'timeout';
    if ('code' in at && NOT_SENT.has(String(at.code))) return 'notSent';
    if (at instanceof AggregateError && at.errors.every((each) => NOT_SENT.has(String(each?.code)))) return 'notSent';
  }
  return 'cut';
}
