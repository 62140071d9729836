const FIRST_MS = 5_000;
const MOST_MS = 2 * 60 * 60 * 1000;

/**
 * When to try again: after 5 s, 10 s, 20 s … up to 2 h, spread by a tenth so that many do not come at once. A `Retry-After` of the host
 * is kept, up to the same limit. The last attempt is made at `parkAt`. null: it has been made already.
 */
export function nextAttemptAt({
  attempts,
  failedAt,
  parkAt,
  retryAfterSeconds,
  random,
}: {
  attempts: number;
  failedAt: Date;
  parkAt: Date;
  retryAfterSeconds: number;
  random: number;
}): Date | null {
  if (failedAt >= parkAt) return null;
  const wait = Math.min(
    MOST_MS,
    Math.max(FIRST_MS * 2 ** Math.min(attempts - 1, 20) * (1 + random / 10), retryAfterSeconds * 1000),
  );
  return new Date(Math.min(failedAt.getTime() + wait, parkAt.getTime()));
}
