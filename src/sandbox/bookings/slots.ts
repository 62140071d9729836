import type { SandboxContext } from '../context.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SLOT_MS = 30 * 60_000;
const OPENS_AT_MS = 8 * HOUR_MS;
const CLOSES_AT_MS = 17 * HOUR_MS;

/** Free half hours between 8 and 17 UTC, from tomorrow on. */
export function freeSlots(context: SandboxContext, host: string, count: number): number[] {
  const taken = new Set(
    context.state.events
      .filter((event) => event.host === host && event.status === 'active')
      .map((event) => Date.parse(event.startTime)),
  );
  const slots: number[] = [];
  let day = Math.floor(context.clock.nowMs() / DAY_MS) * DAY_MS + DAY_MS;
  for (; slots.length < count; day += DAY_MS) {
    for (let start = day + OPENS_AT_MS; start < day + CLOSES_AT_MS; start += SLOT_MS) {
      if (slots.length < count && !taken.has(start)) slots.push(start);
    }
  }
  return slots;
}

export function nextFreeStart(context: SandboxContext, host: string): number {
  return freeSlots(context, host, 1)[0]!;
}

export function isTaken(context: SandboxContext, host: string, startMs: number): boolean {
  return context.state.events.some(
    (event) => event.host === host && event.status === 'active' && Date.parse(event.startTime) === startMs,
  );
}
