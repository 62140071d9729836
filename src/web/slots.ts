import type { ServerResponse } from 'node:http';
import { ProblemError } from '../errors.ts';

/** Limits how much each holder (a key or a session) can use at once. Beyond the limit it gets 429, and others notice nothing. */
export interface Slots {
  /** Takes a slot until the answer is sent or its reader is gone. */
  take(holder: string, response: ServerResponse): void;
}

export function createSlots(most: number, what: string): Slots {
  const taken = new Map<string, number>();
  return {
    take(holder, response) {
      const count = taken.get(holder) ?? 0;
      if (count >= most)
        throw new ProblemError('too_many_requests', `At most ${most} ${what} at once.`, {
          headers: { 'retry-after': '1' },
        });
      taken.set(holder, count + 1);
      let isTaken = true;
      const release = () => {
        if (!isTaken) return;
        isTaken = false;
        const left = (taken.get(holder) ?? 1) - 1;
        if (left === 0) taken.delete(holder);
        else taken.set(holder, left);
      };
      // Both events are needed: an answer that is sent need not close the connection, and a connection that breaks sends no answer.
      response.once('finish', release);
      response.once('close', release);
    },
  };
}
