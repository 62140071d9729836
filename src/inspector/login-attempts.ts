import { countWrongGuesses } from '../access/count-wrong-guesses.ts';
import { createPausedQueue } from '../access/create-paused-queue.ts';
import { ProblemError } from '../errors.ts';

/** Within a minute: more than a person who mistypes needs, and far too few for guessing. */
const MOST_REFUSED = 10;
const PAUSE_MS = 1_000;
const MOST_WAITING = 60;

export interface LoginAttempts {
  /** Throws if this name was refused too often from this address. Others at that address wait in turn, and are let in. */
  admit(person: string, address: string, now: Date): Promise<void>;
  refuse(person: string, address: string, now: Date): void;
}

/** Behind a proxy everybody has the same address, so an address alone is never locked. */
export function createLoginAttempts(): LoginAttempts {
  const ofPeople = countWrongGuesses();
  const ofAddresses = countWrongGuesses();
  const inTurn = createPausedQueue(PAUSE_MS, MOST_WAITING);
  const nameOf = (person: string, address: string) => `${address} ${person.toLowerCase()}`;
  return {
    async admit(person, address, now) {
      const isGuessing = ofPeople.count(nameOf(person, address), now) >= MOST_REFUSED;
      const isSlow = ofAddresses.count(address, now) >= MOST_REFUSED;
      if (isGuessing || (isSlow && !(await inTurn(address)))) {
        throw new ProblemError('too_many_attempts', 'Wait a minute, then try again.', {
          headers: { 'retry-after': '60' },
        });
      }
    },
    refuse(person, address, now) {
      ofPeople.add(nameOf(person, address), now);
      ofAddresses.add(address, now);
    },
  };
}
