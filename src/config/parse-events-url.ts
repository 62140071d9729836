import { isLoopback } from './parse-base-url.ts';
import type { Parsed } from './parsed.ts';

/** Where events are posted to, exactly as it is given. Set by the operator alone, and never followed elsewhere. */
export function parseEventsUrl(text: string): Parsed<string> {
  if (!URL.canParse(text)) return { problem: 'must be an absolute URL such as https://example.com/calendly-events' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return { problem: 'must not contain a user name or password' };
  if (url.hash !== '') return { problem: 'must not contain a fragment' };
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return { value: url.href };
  return { problem: 'must be https (http is accepted for loopback addresses only)' };
}
