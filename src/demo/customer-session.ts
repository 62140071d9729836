import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const COOKIE = 'demo_customer';

/**
 * Replaces a host's login: a browser that pressed Connect for a customer counts as that customer's, until it presses Connect for another
 * one.
 */
export interface CustomerSession {
  begin(reply: FastifyReply, tenantId: string): void;
  isOf(request: FastifyRequest, tenantId: string): boolean;
}

export function createCustomerSession(secret: string): CustomerSession {
  const proofOf = (tenantId: string) => createHmac('sha256', secret).update(`demo customer ${tenantId}`).digest();
  return {
    begin(reply, tenantId) {
      // Lax, because the browser comes back from the consent page of another site.
      reply.setCookie(COOKIE, proofOf(tenantId).toString('base64url'), { path: '/', httpOnly: true, sameSite: 'lax' });
    },
    isOf({ cookies }, tenantId) {
      const proof = proofOf(tenantId);
      const given = Buffer.from(cookies[COOKIE] ?? '', 'base64url');
      return given.length === proof.length && timingSafeEqual(given, proof);
    },
  };
}
