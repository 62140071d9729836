import { Webhook } from 'standardwebhooks';
import type { ReconnectEvent } from './reconnect-event.ts';

export type ReceivedHeaders = Headers | Readonly<Record<string, string | string[] | undefined>>;

/** The request is not from the service, too old, or was changed. Answer it with 400, and do nothing. */
export class EventRefused extends Error {
  override name = 'EventRefused';
}

const NAMES = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/**
 * Returns the event of a POST, if its signature is right for one of `secrets` (EVENTS_SECRET) and its time is within five minutes. `body`
 * has to be the bytes or the text as they came, because a body that was parsed and written again has another signature. Throws EventRefused
 * otherwise.
 */
export function verifyEvent(
  body: string | Buffer,
  headers: ReceivedHeaders,
  secrets: string | readonly string[],
): ReconnectEvent {
  const read = (name: string) => (headers instanceof Headers ? headers.get(name) : [headers[name]].flat()[0]) ?? '';
  const signed = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  const text = typeof body === 'string' ? body : body.toString('utf8');
  let problem = 'no secret was given';
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    try {
      return new Webhook(secret).verify(text, signed) as ReconnectEvent;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  throw new EventRefused(`The event is not taken: ${problem}`);
}
