import { createHmac } from 'node:crypto';

/** The value of `Calendly-Webhook-Signature`: HMAC-SHA256 over `t.body`, the body exactly as sent. */
export function signDelivery(signingKey: string, timestamp: number, body: string): string {
  const signature = createHmac('sha256', signingKey).update(`${timestamp}.${body}`).digest('hex');
  return `t=${timestamp},v1=${signature}`;
}
