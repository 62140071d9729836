import pg from 'pg';

/**
 * How values come back from PostgreSQL: as `pg` gives them (timestamptz is a Date), but int8 (counts, versions) as a
 * number. For our own pool only: the parsers of the `pg` module are shared with every other user of it.
 */
export const parseColumn: typeof pg.types.getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? parseInt8
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit into a number`);
  return value;
}
