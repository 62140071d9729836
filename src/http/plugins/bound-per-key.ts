import type { FastifyInstance } from 'fastify';
import { createSlots } from '../../web/slots.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An answer that goes on until its reader leaves. */
    isStream?: boolean;
  }
}

export interface KeyBounds {
  requestsPerKey: number;
  streamsPerKey: number;
}

/** Requests wait for Calendly and streams for events, each in memory: one key cannot take it all. After the key was checked. */
export function boundPerKey(app: FastifyInstance, { requestsPerKey, streamsPerKey }: KeyBounds): void {
  const requests = createSlots(requestsPerKey, 'requests with one key');
  const streams = createSlots(streamsPerKey, 'streams with one key');
  app.addHook('onRequest', async ({ headers, routeOptions }, reply) => {
    const slots = routeOptions.config.isStream === true ? streams : requests;
    slots.take(headers.authorization ?? '', reply.raw);
  });
}
