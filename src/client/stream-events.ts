import type { ReconnectEvent } from './api.ts';
import { readEventStream } from './read-event-stream.ts';
import type { ClientOptions } from './options.ts';
import { readAnswer } from './read-answer.ts';
import { ReconnectError } from './reconnect-error.ts';

/** For the answer to begin. */
const CONNECT_MS = 20_000;
/** The service says something every 15 s; after this much silence the line is dead. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 30_000;

export interface StreamQuery {
  tenantId?: string | undefined;
  /** Separated by commas: `meeting.created,meeting.canceled`. */
  types?: string | undefined;
  /** The `cursor` of the last event that you have; without it, only what comes from now on. */
  after?: string | undefined;
}

/**
 * The events as they come, without end: a line that is cut or silent is made anew, from the last event on. Ends when `signal` aborts, and
 * throws a ReconnectError for a refusal that waiting does not change. Keep `cursor`: with it as `after`, nothing is missed.
 */
export async function* streamEvents(
  { url, apiKey, fetch = globalThis.fetch }: ClientOptions,
  { tenantId, types, after }: StreamQuery,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<{ cursor: string; event: ReconnectEvent }, void, void> {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/v1/events/stream`;
  for (const [name, value] of Object.entries({ tenantId, types })) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  let place = after;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const line = new AbortController();
    let silence = setTimeout(() => line.abort(), CONNECT_MS);
    try {
      const response = await fetch(address, {
        headers: {
          authorization: `Bearer ${apiKey}`,
          accept: 'text/event-stream',
          ...(place === undefined ? {} : { 'last-event-id': place }),
        },
        redirect: 'manual',
        signal: AbortSignal.any([signal, line.signal]),
      });
      if (!response.ok || response.body === null) await readAnswer(response);
      for await (const { id, data } of readEventStream(response.body!)) {
        clearTimeout(silence);
        pauseMs = FIRST_PAUSE_MS;
        place = id ?? place;
        if (data !== null && place !== undefined) yield { cursor: place, event: JSON.parse(data) as ReconnectEvent };
        silence = setTimeout(() => line.abort(), SILENCE_MS);
      }
    } catch (error) {
      if (error instanceof ReconnectError) {
        const { status, retryAfterSeconds } = error;
        if (status !== 429 && (status ?? 500) < 500) throw error;
        pauseMs = Math.max(pauseMs, (retryAfterSeconds ?? 0) * 1000);
      }
    } finally {
      clearTimeout(silence);
      line.abort();
    }
    await pause(Math.min(MOST_PAUSE_MS, pauseMs), signal);
    pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
