import { encodeCursor } from './cursor.ts';

export type Page<Item> = { items: Item[]; nextCursor: string | null };

/** Makes a page of rows that were read with one more than `limit`. The surplus row tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Item,
  position: (row: Row) => unknown,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null;
  return { items: shown.map(show), nextCursor };
}
