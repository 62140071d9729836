const MINUTE_MS = 60_000;
/** An attacker with many addresses must not fill the memory. */
const MOST_REMEMBERED = 10_000;

export interface WrongGuesses {
  /** How many there were within the last minute. */
  count(who: string, now: Date): number;
  add(who: string, now: Date): void;
}

/** Counts wrong passwords and keys by who sent them, in this instance. Right ones are not counted. */
export function countWrongGuesses(): WrongGuesses {
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
