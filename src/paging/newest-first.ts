import { sql, type SelectQueryBuilder } from 'kysely';
import { Type } from 'typebox';
import { decodeCursor } from './cursor.ts';
import { toPage, type Page } from './to-page.ts';

export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}

const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** One page of a query's rows, newest first. `column` is a number that is larger for each newer row. */
export async function newestFirst<
  DB,
  TB extends keyof DB,
  Column extends string,
  Row extends Record<Column, number>,
  Item,
>(
  query: SelectQueryBuilder<DB, TB, Row>,
  column: Column,
  { limit, cursor }: PageQuery,
  show: (row: Row) => Item,
): Promise<Page<Item>> {
  const place = sql.ref(column);
  const older = cursor === undefined ? query : query.where(sql<boolean>`${place} < ${decodeCursor(Position, cursor)}`);
  const rows = await older
    .orderBy(place, 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, show, (row) => row[column]);
}
