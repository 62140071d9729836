import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError } from '../errors.ts';
import { countWrongGuesses } from './count-wrong-guesses.ts';

/** Far above a host that was given a wrong key by mistake. */
const MOST_WRONG = 30;
const PAUSE_MS = 1_000;
const MOST_WAITING = 100;

export interface KeyGuesses {
  /** For a request without a right key. Throws `too_many_attempts`, after a pause, where many wrong ones came from its address. */
  refuse(address: string, presented: string | null): Promise<void>;
}

/** Whoever guesses waits longer and longer. A right key never comes here, so nobody waits because others guess from behind the same address. */
export function limitKeyGuesses(now: () => Date): KeyGuesses {
  const wrong = countWrongGuesses();
  let waiting = 0;
  return {
    async refuse(address, presented) {
      if (presented !== null) wrong.add(address, now());
      if (wrong.count(address, now()) <= MOST_WRONG) return;
      if (waiting < MOST_WAITING) {
        waiting += 1;
        await delay(PAUSE_MS, undefined, { ref: false }).finally(() => (waiting -= 1));
      }
      throw new ProblemError('too_many_attempts', 'Too many wrong keys from this address.', {
        headers: { 'retry-after': '60' },
      });
    },
  };
}
