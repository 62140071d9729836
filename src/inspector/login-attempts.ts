const MINUTE_MS = 60_000;
/** More than a person who mistypes needs, and far too few for guessing. */
const MOST_REFUSED = 10;
/** An attacker with many addresses must not fill the memory. */
const MOST_ADDRESSES = 10_000;

export interface LoginAttempts {
  isBlocked(address: string, now: Date): boolean;
  refuse(address: string, now: Date): void;
}

/** Counts refused logins per address and minute, in this instance; logins that succeed cost nothing. */
export function createLoginAttempts(): LoginAttempts {
  const refused = new Map<string, { since: number; count: number }>();
  const current = (address: string, now: Date) => {
    const entry = refused.get(address);
    return entry !== undefined && now.getTime() - entry.since < MINUTE_MS ? entry : undefined;
  };
  return {
    isBlocked: (address, now) => (current(address, now)?.count ?? 0) >= MOST_REFUSED,
    refuse(address, now) {
      const entry = current(address, now);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      refused.delete(address);
      if (refused.size >= MOST_ADDRESSES) refused.delete(refused.keys().next().value!);
      refused.set(address, { since: now.getTime(), count: 1 });
    },
  };
}
