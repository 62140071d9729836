import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets one caller at a time go on for each `who`, with a pause after each. So many people behind one proxy wait, and none is locked out.
 * Resolves to false if too many wait already.
 */
export function createPausedQueue(pauseMs: number, mostWaiting: number): (who: string) => Promise<boolean> {
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
