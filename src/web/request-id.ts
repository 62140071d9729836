import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const REQUEST_ID = 'x-request-id';
/** What proxies and tracing send: UUIDs, hexadecimal, base64. Anything else could forge a log line or fill it. */
const ACCEPTED = /^[\w.:@+/=-]{1,128}$/;

/** The id that the proxy in front gave this request, or else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
}
