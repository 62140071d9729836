import { setTimeout as delay } from 'node:timers/promises';

const MINUTE_MS = 60_000;
/** An attacker with many addresses must not fill the memory. */
const MOST_REMEMBERED = 10_000;

export interface Guesses {
  /** Wrong ones of this minute. */
  count(who: string, now: Date): number;
  add(who: string, now: Date): void;
}

/** Counts wrong guesses by who made them, in this instance; right ones cost nothing. */
export function countGuesses(): Guesses {
  const wrong = new Map<string, { since: number; count: number }>();
  const current = (who: string, now: Date) => {
    const entry = wrong.get(who);
    return entry !== undefined && now.getTime() - entry.since < MINUTE_MS ? entry : undefined;
  };
  return {
    count: (who, now) => current(who, now)?.count ?? 0,
    add(who, now) {
      const entry = current(who, now);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      wrong.delete(who);
      const oldest = wrong.size >= MOST_REMEMBERED ? wrong.keys().next() : null;
      if (oldest?.done === false) wrong.delete(oldest.value);
      wrong.set(who, { since: now.getTime(), count: 1 });
    },
  };
}

/** One at a time for each address, with a pause after each: many people behind one proxy wait, and none is locked out. */
export function createQueue(pauseMs: number, mostWaiting: number): (who: string) => Promise<boolean> {
  const last = new Map<string, { turn: Promise<unknown>; waiting: number }>();
  return async (who) => {
    const line = last.get(who) ?? { turn: Promise.resolve(), waiting: 0 };
    if (line.waiting >= mostWaiting) return false;
    line.waiting += 1;
    line.turn = line.turn.then(() => delay(pauseMs, undefined, { ref: false }));
    last.set(who, line);
    await line.turn;
    line.waiting -= 1;
    if (line.waiting === 0) last.delete(who);
    return true;
  };
}
