import { setTimeout as pause } from 'node:timers/promises';
import type { Booking } from '../../src/sandbox/index.ts';
import type { Tenant, SoakWorld } from './world.ts';

const LOOK_MS = 25;
const PATIENCE_MS = 120_000;
const MOST_AT_ONCE = 4;

/** Seen from outside: time from a booking until `GET …/meetings` shows it. A sample, because looking costs. */
export class Probe {
  /** Milliseconds, by phase. */
  readonly seen = new Map<string, number[]>();
  #underWay = 0;

  async follow(
    world: SoakWorld,
    phase: string,
    { tenant, booking }: { tenant: Tenant; booking: Booking },
  ): Promise<void> {
    if (this.#underWay >= MOST_AT_ONCE) return;
    this.#underWay++;
    const account = tenant.wanted;
    const start = performance.now();
    const from = encodeURIComponent(booking.startTime);
    const to = encodeURIComponent(new Date(Date.parse(booking.startTime) + 1).toISOString());
    try {
      while (performance.now() - start < PATIENCE_MS && tenant.wanted === account) {
        const { body } = await world.host
          .api<{ items?: { inviteeUri: string }[] }>('GET', `/v1/tenants/${tenant.id}/meetings?from=${from}&to=${to}`)
          .catch(() => ({ body: { items: [] } }));
        if (body.items?.some(({ inviteeUri }) => inviteeUri === booking.inviteeUri)) {
          this.seen.set(phase, [...(this.seen.get(phase) ?? []), performance.now() - start]);
          return;
        }
        await pause(LOOK_MS);
      }
    } finally {
      this.#underWay--;
    }
  }
}
