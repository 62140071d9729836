import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ProblemError } from '../errors.ts';

/** Far longer than any cursor of ours. A longer one of a client is not decoded. */
const MAX_LENGTH = 1_000;

/** A time in a cursor, in milliseconds since 1970, because PostgreSQL does not accept every RFC 3339 time (the year 0000, for example). */
export const CursorTime = Type.Integer({ minimum: 0, maximum: Date.parse('9999-12-31T23:59:59.999Z') });

/** Makes a text of the position where a list goes on. Clients send it back without reading it. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** Reads a cursor. Only what fits the schema reaches the database; anything else is `cursor_invalid`. */
export function decodeCursor<Schema extends TSchema>(schema: Schema, cursor: string): Static<Schema> {
  let position: unknown;
  try {
    if (cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) throw new ProblemError('cursor_invalid');
    position = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new ProblemError('cursor_invalid');
  }
  if (!Value.Check(schema, position)) throw new ProblemError('cursor_invalid');
  return position;
}
