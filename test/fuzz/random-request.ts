/** A request made of a description and of chance; the same seed makes the same ones. */
export interface RandomRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface Target {
  method: string;
  path: string;
  query: readonly string[];
  /** Fields of the body; empty: none is expected. */
  fields: readonly string[];
  isForm: boolean;
}

/** Mulberry32: small, and good enough to choose with. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TEXTS = [
  '', '0', '-1', '1', '100', '101', '1e309', '-1e309', '1.5', '9007199254740993', 'NaN', 'null', 'true', '\u0000', 'a\u0000b', '\ud800', '💥', "'", '"; --',
  '../..', '%00', '%ff', '[]', '{}', 'latest', 'active', 'connected', 'acme', 'alice', 'W10', 'WzFd', 'WzFlMzA5LCJ4Il0', 'bnVsbA', 'e30', '2026-01-01T00:00:00Z',
  '0000-00-00T00:00:00Z', '99999-01-01T00:00:00Z', '00000000-0000-4000-8000-000000000000', 'x'.repeat(130), 'y'.repeat(3_000), '<script>', '__proto__', 'constructor',
]; // prettier-ignore
const VALUES: unknown[] = [...TEXTS, 0, -1, 1e300, true, false, null, [], {}, [[[[]]]], { a: { b: {} } }];

export function randomRequest(target: Target, random: () => number, headers: Record<string, string>): RandomRequest {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  // `stays` is never taken away, so that what is asked of it afterwards still has something to answer from.
  const takesAway = target.method === 'DELETE' || target.path.endsWith('/release');
  const known = takesAway ? ['acme'] : ['acme', 'stays'];
  const path = target.path.replace(/\{\w+\}/g, () => (random() < 0.5 ? one(known) : encode(one(TEXTS))));
  const names = [...target.query, ...(random() < 0.2 ? ['q', 'limit', 'cursor', 'at', '__proto__'] : [])];
  const query = names
    .filter(() => random() < 0.6)
    .map((name) => `${name}=${random() < 0.1 ? '%ff%00' : encode(one(TEXTS))}`)
    .join('&');
  const fields = Object.fromEntries(
    target.fields.filter(() => random() < 0.8).map((name) => [name, one(target.isForm ? TEXTS : VALUES)]),
  );
  const hasBody = target.method !== 'GET' && random() < 0.9;
  const json = random() < 0.1 ? one(TEXTS) : JSON.stringify(fields);
  const form = new URLSearchParams(fields as Record<string, string>).toString();
  return {
    method: target.method,
    path: query === '' ? path : `${path}?${query}`,
    headers: {
      ...headers,
      ...(hasBody ? { 'content-type': target.isForm ? 'application/x-www-form-urlencoded' : 'application/json' } : {}),
      // Nothing is waited for: a run has to end.
      prefer: 'respond-async',
    },
    body: hasBody ? (target.isForm ? form : json) : undefined,
  };
}

/** A lone surrogate has no encoding. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
