import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../src/errors.ts';
import { decodeCursor, encodeCursor } from '../../../src/paging/cursor.ts';
import { toPage } from '../../../src/paging/to-page.ts';

const Position = Type.Tuple([Type.String({ pattern: '^[a-z]*$' }), Type.Integer()]);

describe('a cursor', () => {
  test('comes back as it was given out, and is fit for a URL', () => {
    const cursor = encodeCursor(['abc', 7]);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor(Position, cursor)).toEqual(['abc', 7]);
  });

  test.each([
    '',
    ' ',
    'abc',
    'ÿ',
    '%00',
    'null',
    encodeCursor(null),
    encodeCursor({}),
    encodeCursor(['abc']),
    encodeCursor(['abc', 7, 8]),
    encodeCursor(['ABC', 7]),
    encodeCursor(['abc', '7']),
    encodeCursor(['abc', 1.5]),
    `${encodeCursor(['abc', 7])}=`,
    encodeCursor(['a'.repeat(2000), 7]),
  ])('is refused when this list cannot have given it out: %s', (cursor) =>
    expect(() => decodeCursor(Position, cursor)).toThrow(new ProblemError('cursor_invalid')),
  );
});

describe('toPage', () => {
  const page = (rows: number[]) =>
    toPage(
      rows,
      2,
      (row) => `shown ${row}`,
      (row) => row,
    );

  test('has a next cursor exactly when there is more', () => {
    expect(page([])).toEqual({ items: [], nextCursor: null });
    expect(page([1, 2])).toEqual({ items: ['shown 1', 'shown 2'], nextCursor: null });
    expect(page([1, 2, 3])).toEqual({ items: ['shown 1', 'shown 2'], nextCursor: encodeCursor(2) });
  });
});
