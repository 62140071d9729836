import { describe, expect, test } from 'vitest';
import { timeOfRemoval } from '../../../src/meetings/observe.ts';

describe('timeOfRemoval', () => {
  test.each([
    [
      'the end of the second of the envelope',
      '2026-03-01T12:00:05.000000Z',
      '2026-02-01T08:00:00.123456Z',
      '2026-03-01T12:00:05.999999Z',
    ],
    [
      "the invitee's own time, if this change moved it",
      '2026-03-01T12:00:05.000000Z',
      '2026-03-01T12:00:04.900001Z',
      '2026-03-01T12:00:04.900001Z',
    ],
    [
      "the invitee's own time within the second",
      '2026-03-01T12:00:05.000000Z',
      '2026-03-01T12:00:05.400001Z',
      '2026-03-01T12:00:05.400001Z',
    ],
    [
      'a more exact envelope',
      '2026-03-01T12:00:05.250000Z',
      '2026-02-01T08:00:00.123456Z',
      '2026-03-01T12:00:05.250000Z',
    ],
    [
      "the invitee's time without an envelope's",
      undefined,
      '2026-02-01T08:00:00.123456Z',
      '2026-02-01T08:00:00.123456Z',
    ],
    ['nothing', undefined, undefined, '0001-01-01T00:00:00.000000Z'],
  ])('is %s', (_, envelope, updated, removal) => expect(timeOfRemoval(envelope, updated)).toBe(removal));
});
