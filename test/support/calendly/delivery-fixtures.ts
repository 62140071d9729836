import { readFileSync } from 'node:fs';

export type DeliveryFixture =
  | 'invitee-created'
  | 'invitee-canceled'
  | 'reschedule-canceled'
  | 'reschedule-created'
  | 'zoom-created'
  | 'invitee-created-2020';

/** The user that all fixtures with a host belong to. */
export const FIXTURE_ACCOUNT = 'https://api.calendly.com/users/5b1f7c2e-94a0-4f0d-9d3c-0c6f2a7be111';

/** The bytes as Calendly sends them: compact, without a newline at the end. */
export function deliveryBytes(name: DeliveryFixture): Buffer {
  return readFileSync(new URL(`../../fixtures/deliveries/${name}.json`, import.meta.url));
}

// any: tests reach into payloads of many shapes, and change them
export function deliveryJson(name: DeliveryFixture): any {
  return JSON.parse(deliveryBytes(name).toString('utf8'));
}
