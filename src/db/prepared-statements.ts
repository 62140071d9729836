import { sql, type RawBuilder } from 'kysely';

const MARK = /^\s*\/\* prepared: ([a-z-]+) \*\//;

/**
 * Put first into a statement, it makes PostgreSQL parse and plan it once for each connection, instead of each time. For statements that are
 * sent very often, have always the same text, and find their rows by a key: the plan is made without knowing the values. They name
 * each column that they give back, because a column that a later release adds must not change their result.
 */
export const prepared = (name: string): RawBuilder<unknown> => sql.raw(`/* prepared: ${name} */`);

/** What is given to the driver: a marked statement with its name. */
export function namePrepared([text, ...others]: unknown[]): unknown[] {
  const name = typeof text === 'string' ? MARK.exec(text)?.[1] : undefined;
  return name === undefined ? [text, ...others] : [{ name, text, values: others[0] }];
}
