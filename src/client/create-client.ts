import { OPERATIONS, type ReconnectClient } from './api.ts';
import { makeRequest, type Input } from './make-request.ts';
import type { CallOptions, ClientOptions } from './options.ts';
import { readAnswer } from './read-answer.ts';
import { ReconnectError } from './reconnect-error.ts';

const WAIT_SECONDS = 10;
/** Beyond what the service may wait: for the way there and back. */
const LEEWAY_MS = 20_000;

/** The routes under `/v1` as methods, each called as its `operationId` in `/openapi.json`. Nothing is tried twice. */
export function createClient({ url, apiKey, fetch = globalThis.fetch }: ClientOptions): ReconnectClient {
  const base = new URL(url);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.protocol} is no address of the service`);
  if (apiKey === '') throw new TypeError('The API key is empty');

  const methods = Object.entries(OPERATIONS).map(([name, operation]) => {
    const call = async (
      input: Input = {},
      { signal, waitSeconds, timeoutMs = (waitSeconds ?? WAIT_SECONDS) * 1000 + LEEWAY_MS }: CallOptions = {},
    ): Promise<unknown> => {
      signal?.throwIfAborted();
      const request = makeRequest(base, operation, input, waitSeconds);
      request.headers.set('authorization', `Bearer ${apiKey}`);
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const response = await fetch(request.url, {
          method: operation.method,
          headers: request.headers,
          // The key goes to the service and nowhere else.
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        return await readAnswer(response);
      } catch (error) {
        if (error instanceof ReconnectError) throw error;
        if (signal?.aborted === true) throw signal.reason;
        if (timeout.aborted) throw new ReconnectError('timed_out', `No answer within ${timeoutMs} ms`);
        throw new ReconnectError('unreachable', `${base.origin} does not answer`, { cause: error });
      }
    };
    return [name, call] as const;
  });
  return Object.fromEntries(methods) as unknown as ReconnectClient;
}
