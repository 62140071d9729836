import { setTimeout as sleep } from 'node:timers/promises';

export interface ServiceAnswer {
  status: number;
  body: Record<string, unknown>;
  retryAfterSeconds: number;
}

export interface ServiceClient {
  get(path: string): Promise<ServiceAnswer>;
  post(path: string, body?: unknown): Promise<ServiceAnswer>;
}

/** Longer than the time that the service is asked to wait. */
const ANSWER_LIMIT_MS = 60_000;
const WAIT_SECONDS = 20;
const MOST_TRIES = 6;
const MOST_PAUSE_SECONDS = 60;
const MOST_ANSWER_LENGTH = 1024 * 1024;

/**
 * Asks the running service over HTTP. If it is busy (429) or not there for a moment (503, no connection), asks again after the time that it
 * says.
 */
export function serviceClient({ url, apiKey }: { url: string; apiKey: string }): ServiceClient {
  const base = url.replace(/\/+$/, '');
  async function ask(method: string, path: string, body?: unknown): Promise<ServiceAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await once(method, path, body).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && answer.status !== 429 && answer.status !== 503) return answer;
      if (attempt === MOST_TRIES) {
        if (answer instanceof Error) throw new Error(`${base} does not answer: ${answer.message}`);
        return answer;
      }
      const pause = answer instanceof Error ? 2 ** (attempt - 1) : Math.max(1, answer.retryAfterSeconds);
      await sleep(Math.min(MOST_PAUSE_SECONDS, pause) * 1000);
    }
  }

  async function once(method: string, path: string, body: unknown): Promise<ServiceAnswer> {
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      headers: {
        authorization: `Bearer ${apiKey}`,
        prefer: `wait=${WAIT_SECONDS}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (text.length > MOST_ANSWER_LENGTH) throw new Error('its answer is too long');
    return {
      status: response.status,
      body: objectOf(text),
      retryAfterSeconds: Number(response.headers.get('retry-after')) || 0,
    };
  }

  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
