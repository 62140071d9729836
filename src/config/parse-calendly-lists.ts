import { splitList, type Parsed } from './parsed.ts';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

export function parseScopes(text: string): Parsed<readonly string[]> {
  const scopes = [...new Set(text.split(/\s+/))];
  const wellFormed = scopes.every((scope) => scope === 'default' || /^[a-z_]+:(read|write)$/.test(scope));
  return wellFormed ? { value: scopes } : { problem: 'must be scopes such as users:read, separated by spaces' };
}

/** Calendly refuses a whole subscription if its scope does not allow one of its events, so this is checked at the start. */
export function parseWebhookEvents(text: string, scope: 'user' | 'organization'): Parsed<readonly string[]> {
  const events = splitList(text);
  if (events.length === 0) return { problem: 'must name at least one event' };
  const unknown = events.filter((event) => !Object.hasOwn(WEBHOOK_EVENTS, event));
  if (unknown.length > 0) return { problem: `must name events that Calendly has (not ${unknown.join(', ')})` };
  const elsewhere = events.filter((event) => !WEBHOOK_EVENTS[event]!.includes(scope));
  if (elsewhere.length > 0)
    return { problem: `names what a subscription of scope ${scope} cannot have: ${elsewhere.join(', ')}` };
  return { value: events };
}
