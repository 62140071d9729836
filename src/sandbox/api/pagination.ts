import type { SandboxContext } from '../context.ts';
import { invalidArgument } from './api-error.ts';
import type { Validation } from './validation.ts';

interface Page<Item> {
  path: string;
  query: Record<string, string>;
  count: number;
  direction: 'asc' | 'desc';
  /** A text that orders the items. If two are equal, `idOf` decides. */
  keyOf: (item: Item) => string;
  idOf: (item: Item) => string;
  show: (item: Item) => unknown;
}

export function readCount(validation: Validation): number {
  return validation.integer('count', { min: 1, max: 100, otherwise: 20 });
}

export function readDirection(validation: Validation, field: string, otherwise: 'asc' | 'desc'): 'asc' | 'desc' {
  const sort = validation.choice('sort', [`${field}:asc`, `${field}:desc`, field]);
  if (sort === undefined) return otherwise;
  return sort.endsWith(':desc') ? 'desc' : 'asc';
}

/** One page. A token names the last item that was shown, not a number, so deleting while paging skips nothing. */
export function paginate<Item>(context: SandboxContext, items: readonly Item[], page: Page<Item>): object {
  const sign = page.direction === 'asc' ? 1 : -1;
  const positionOf = (item: Item) => `${page.keyOf(item)}|${page.idOf(item)}`;
  const compare = (a: string, b: string) => (a < b ? -sign : a > b ? sign : 0);
  const sorted = [...items].sort((a, b) => compare(positionOf(a), positionOf(b)));
  const token = page.query['page_token'] ? decode(page.query['page_token']) : null;
  const [start, end] = rangeOf(sorted.map(positionOf), token, page.count, compare);
  const shown = sorted.slice(start, end);
  const last = shown.at(-1);
  const first = shown[0];
  const next = last && end < sorted.length ? encode({ after: positionOf(last) }) : null;
  const previous = first && start > 0 ? encode({ before: positionOf(first) }) : null;
  const address = (pageToken: string | null) =>
    pageToken &&
    `${context.switches.uriBase}${page.path}?${new URLSearchParams({ ...page.query, page_token: pageToken }).toString()}`;
  return {
    collection: shown.map(page.show),
    pagination: {
      count: shown.length,
      next_page: address(next),
      next_page_token: next,
      previous_page: address(previous),
      previous_page_token: previous,
    },
  };
}

type Token = { after: string } | { before: string };

function rangeOf(
  positions: readonly string[],
  token: Token | null,
  count: number,
  compare: (a: string, b: string) => number,
): [start: number, end: number] {
  if (token === null) return [0, count];
  const isBeyond = (position: string) =>
    'after' in token ? compare(position, token.after) > 0 : compare(position, token.before) >= 0;
  const found = positions.findIndex(isBeyond);
  const at = found < 0 ? positions.length : found;
  return 'after' in token ? [at, at + count] : [Math.max(0, at - count), at];
}

function encode(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function decode(text: string): Token {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Token;
    if (typeof ('after' in token ? token.after : token.before) === 'string') return token;
  } catch {
    // Not one of our tokens. It is refused below.
  }
  throw invalidArgument([{ message: 'is invalid', parameter: 'page_token' }]);
}
