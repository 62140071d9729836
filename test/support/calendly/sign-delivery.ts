import { createHmac } from 'node:crypto';

/** The Calendly-Webhook-Signature header that Calendly would send with these bytes. */
export function signDelivery(rawBody: Buffer | string, key: string, at: Date): string {
  const timestamp = Math.floor(at.getTime() / 1000);
  const signature = createHmac('sha256', key).update(`${timestamp}.`).update(rawBody).digest('hex');
  return `t=${timestamp},v1=${signature}`;
}
