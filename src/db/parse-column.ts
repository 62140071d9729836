import pg from 'pg';

/**
 * Values of PostgreSQL are parsed as `pg` does it (timestamptz is a Date), except that int8 (counts, versions) is a number. This holds for
 * our own pool only, because all users of the `pg` module share its parsers.
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
