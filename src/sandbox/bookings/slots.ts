import type { SandboxContext } from '../context.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SLOT_MS = 30 * 60_000;
const OPENS_AT_MS = 8 * HOUR_MS;
const CLOSES_AT_MS = 17 * HOUR_MS;
/** The same hours as text, in UTC. */
export const OPENS_AT = '08:00';
export const CLOSES_AT = '17:00';

/** The next few free half hours between 8 and 17 UTC, from tomorrow on. */
export function freeSlots(context: SandboxContext, host: string, count: number): number[] {
  const slots: number[] = [];
  for (const start of comingSlots(context, host)) {
    if (slots.push(start) === count) break;
  }
  return slots;
}

/** The free half hours that begin in this range. */
export function freeSlotsBetween(context: SandboxContext, host: string, fromMs: number, toMs: number): number[] {
  const slots: number[] = [];
  for (const start of comingSlots(context, host, fromMs)) {
    if (start >= toMs) break;
    if (start >= fromMs) slots.push(start);
  }
  return slots;
}

/** It has no end. */
function* comingSlots(context: SandboxContext, host: string, fromMs = 0): Generator<number> {
  const taken = new Set(
    context.state.events
      .filter((event) => event.host === host && event.status === 'active')
      .map((event) => Date.parse(event.startTime)),
  );
  const tomorrow = Math.floor(context.clock.nowMs() / DAY_MS) * DAY_MS + DAY_MS;
  for (let day = Math.max(tomorrow, Math.floor(fromMs / DAY_MS) * DAY_MS); ; day += DAY_MS) {
    for (let start = day + OPENS_AT_MS; start < day + CLOSES_AT_MS; start += SLOT_MS) {
      if (!taken.has(start)) yield start;
    }
  }
}

export function nextFreeStart(context: SandboxContext, host: string): number {
  return freeSlots(context, host, 1)[0]!;
}

export function isTaken(context: SandboxContext, host: string, startMs: number): boolean {
  return context.state.events.some(
    (event) => event.host === host && event.status === 'active' && Date.parse(event.startTime) === startMs,
  );
}
