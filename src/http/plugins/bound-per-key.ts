import type { FastifyInstance } from 'fastify';
import { createSlots } from '../../web/slots.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for an answer that goes on until its reader leaves. */
    isStream?: boolean;
  }
}

export interface KeyBounds {
  requestsPerKey: number;
  streamsPerKey: number;
}

/**
 * Limits how many requests and streams one key can have open, because they wait in memory for Calendly and for events. Comes after the key
 * was checked.
 */
export function boundPerKey(app: FastifyInstance, { requestsPerKey, streamsPerKey }: KeyBounds): void {
  const requests = createSlots(requestsPerKey, 'requests with one key');
  const streams = createSlots(streamsPerKey, 'streams with one key');
  app.addHook('onRequest', async ({ headers, routeOptions }, reply) => {
    const slots = routeOptions.config.isStream === true ? streams : requests;
    slots.take(headers.authorization ?? '', reply.raw);
  });
}
