import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EARLIEST, parseTimestamp, timestampOf } from '../../../src/meetings/timestamp.ts';

describe('parseTimestamp', () => {
  test.each([
    ['2026-03-01T09:30:00.123456Z', '2026-03-01T09:30:00.123456Z'],
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000000Z'],
    ['2026-03-01t09:30:00.1z', '2026-03-01T09:30:00.100000Z'],
    ['2026-03-01 09:30:00.123456789+05:30', '2026-03-01T04:00:00.123456Z'],
    ['2025-12-31T23:30:00.5-0100', '2026-01-01T00:30:00.500000Z'],
  ])('brings %s into the one form', (given, timestamp) => expect(parseTimestamp(given)).toBe(timestamp));

  test.each([
    '',
    'yesterday',
    '2026-03-01',
    '2026-03-01T09:30:00',
    '2026-13-01T09:30:00Z',
    '9999-12-31T23:30:00-01:00',
    17,
    null,
    undefined,
    {},
  ])('refuses %s', (given) => expect(parseTimestamp(given)).toBeNull());

  test('sorts as text the way times do, down to the microsecond', () => {
    const time = fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, (one, other) => {
        expect(Math.sign(timestampOf(one).localeCompare(timestampOf(other), 'en'))).toBe(
          Math.sign(one.getTime() - other.getTime()),
        );
        expect(parseTimestamp(timestampOf(one))).toBe(timestampOf(one));
      }),
    );
    expect(parseTimestamp('2026-03-01T09:30:00.123456Z')! < parseTimestamp('2026-03-01T09:30:00.123457Z')!).toBe(true);
    expect(EARLIEST < timestampOf(new Date(0))).toBe(true);
  });
});
