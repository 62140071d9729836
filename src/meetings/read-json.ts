/** Reads JSON of others: each function takes anything and returns a value that can be used and stored, or null. */

/** PostgreSQL's indexes refuse longer keys, and Calendly would send a delivery that cannot be stored again for a day. */
const MAX_URI_LENGTH = 500;
const MAX_DEPTH = 20;

export type JsonObject = Readonly<Record<string, unknown>>;

export function readObject(value: unknown): JsonObject | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** PostgreSQL stores neither NUL nor half a surrogate pair; both are valid in JSON. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd').toWellFormed() : null;
}

export function readUri(value: unknown): string | null {
  const text = readText(value)?.trim() ?? '';
  return text !== '' && text.length <= MAX_URI_LENGTH ? text : null;
}

/** An object of any form, in which every text can be stored. What lies deeper than in real payloads is left out. */
export function readOpenObject(value: unknown): JsonObject | null {
  return readObject(value) === null ? null : (storable(value, 0) as JsonObject);
}

function storable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return readText(value);
  // 1e999 is valid JSON, and JavaScript reads it as Infinity.
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (value === null || typeof value !== 'object') return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [readText(key), storable(member, depth + 1)]));
}
