const DEFAULT_SECONDS = 10;
const MOST_SECONDS = 60;

/** Reads `Prefer` (RFC 7240): `wait=N` limits the wait, to at most 60 s; `respond-async` asks for no wait. */
export function waitSeconds(prefer: string | string[] | undefined): number {
  const preferences = [prefer ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((each) => each.trim().split(';')[0]!.trim().toLowerCase());
  if (preferences.includes('respond-async')) return 0;
  const wait = preferences
    .map((each) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(each)?.[1])
    .find((seconds) => seconds !== undefined);
  return wait === undefined ? DEFAULT_SECONDS : Math.min(MOST_SECONDS, Number(wait));
}
