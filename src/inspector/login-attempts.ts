import { countGuesses, createQueue } from '../access/guesses.ts';
import { ProblemError } from '../errors.ts';

/** More than a person who mistypes needs, and far too few for guessing. */
const MOST_REFUSED = 10;
const PAUSE_MS = 1_000;
const MOST_WAITING = 60;

export interface LoginAttempts {
  /** Throws for a person who guesses from one address; others at that address wait in turn, and are let in. */
  admit(person: string, address: string, now: Date): Promise<void>;
  refuse(person: string, address: string, now: Date): void;
}

/** Behind a proxy everybody has one address, so an address alone is never locked. */
export function createLoginAttempts(): LoginAttempts {
  const ofPeople = countGuesses();
  const ofAddresses = countGuesses();
  const inTurn = createQueue(PAUSE_MS, MOST_WAITING);
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
