/**
 * A time in a form that can be compared as text: UTC, six digits of a second (`2026-03-01T09:30:00.123456Z`). Calendly's times have
 * microseconds, and two changes of one booking can be less than a millisecond apart. A Date would make them equal.
 */
export type Timestamp = string & { readonly __timestamp: true };

/** Earlier than any time that Calendly sends. Used where an old payload has no time. */
export const EARLIEST = '0001-01-01T00:00:00.000000Z' as Timestamp;

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d+))?([Zz]|[+-]\d\d:?\d\d)$/;

/** Null for anything that is not an RFC 3339 time with an offset. */
export function parseTimestamp(value: unknown): Timestamp | null {
  const match = typeof value === 'string' ? RFC_3339.exec(value.trim()) : null;
  if (match === null) return null;
  const [, date, time, fraction = '', offset = 'Z'] = match;
  const second = new Date(`${date}T${time}${offset.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  if (Number.isNaN(second.getTime())) return null;
  const text = second.toISOString();
  // With its offset, a time can fall outside the years 0000 to 9999, and then its text does not sort like the time.
  if (text.length !== 24) return null;
  return `${text.slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z` as Timestamp;
}

export function timestampOf(date: Date): Timestamp {
  return date.toISOString().replace('Z', '000Z') as Timestamp;
}

/** One microsecond later. */
export function justAfter(timestamp: Timestamp): Timestamp {
  const micros = Number(timestamp.slice(20, 26)) + 1;
  if (micros < 1_000_000) return `${timestamp.slice(0, 20)}${String(micros).padStart(6, '0')}Z` as Timestamp;
  return timestampOf(new Date(Date.parse(`${timestamp.slice(0, 19)}Z`) + 1_000));
}
