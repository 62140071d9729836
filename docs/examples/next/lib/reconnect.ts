import { createClient, type Meeting, type ReconnectClient } from 'calendly-reconnect/client';

/** Made at the first request: a build has no keys. */
let client: ReconnectClient | undefined;
export const reconnect = (): ReconnectClient =>
  (client ??= createClient({
    url: process.env['RECONNECT_URL'] ?? '',
    apiKey: process.env['RECONNECT_API_KEY'] ?? '',
  }));

/** In place of your cache. On globalThis, because Next.js may load this file once for each route. */
const kept = ((globalThis as { meetings?: Map<string, Promise<Meeting[]>> }).meetings ??= new Map());

export function meetingsOf(tenantId: string): Promise<Meeting[]> {
  const known = kept.get(tenantId);
  if (known !== undefined) return known;
  const reading = reconnect()
    .listMeetings({ tenantId, status: 'active' })
    .then(({ items }) => items);
  // Stored before the answer is there: an event that comes meanwhile deletes it again.
  kept.set(tenantId, reading);
  reading.catch(() => kept.delete(tenantId));
  return reading;
}

/** After any event of a tenant, its meetings are read again when somebody looks. */
export const forget = (tenantId: string): boolean => kept.delete(tenantId);
