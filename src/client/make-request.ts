export type Input = Readonly<Record<string, unknown>>;

/** Where the parts of an input go: into the path, into the query, and what is left into the body. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly hasBody: boolean;
}

/** The request of one call, without the key. */
export function makeRequest(
  base: URL,
  { method, path, query, hasBody }: Operation,
  input: Input,
  waitSeconds: number | undefined,
): { url: URL; headers: Headers; body: string | undefined } {
  const left = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const take = (name: string): unknown => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, take(name)));
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/+$/, '') + filled;
  url.search = '';
  url.hash = '';
  for (const name of query) {
    const value = take(name);
    if (value !== undefined) url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  if (!hasBody && left.size > 0) throw new TypeError(`${method} ${path} takes no ${[...left.keys()].join(', ')}`);
  const headers = new Headers({ accept: 'application/json' });
  if (hasBody) headers.set('content-type', 'application/json');
  if (waitSeconds !== undefined) headers.set('prefer', waitSeconds === 0 ? 'respond-async' : `wait=${waitSeconds}`);
  return { url, headers, body: hasBody ? JSON.stringify(Object.fromEntries(left)) : undefined };
}

/** `.` and `..` would lead to another route, in whatever spelling. */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..')
    throw new TypeError(`${name} is no id that an address can hold: ${JSON.stringify(value)}`);
  return encodeURIComponent(value);
}
