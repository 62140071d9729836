import { expect, test } from 'vitest';
import { nextAttemptAt } from '../../../src/host-events/next-attempt-at.ts';

const start = new Date('2026-05-01T00:00:00Z');
const HOUR = 3_600_000;
const at = (ms: number) => new Date(start.getTime() + ms);
const next = (attempts: number, options: { failedAt?: Date; retryAfterSeconds?: number; random?: number } = {}) =>
  nextAttemptAt({ attempts, failedAt: start, parkAt: at(72 * HOUR), retryAfterSeconds: 0, random: 0, ...options });

test('waits 5 s and doubles, up to two hours, a little spread', () => {
  expect([1, 2, 3, 11, 12, 500].map((attempts) => next(attempts)!.getTime() - start.getTime())).toEqual([
    5_000,
    10_000,
    20_000,
    5_120_000,
    2 * HOUR,
    2 * HOUR,
  ]);
  expect(next(1, { random: 0.5 })).toEqual(at(5_250));
});

test('waits as long as the host asks, within its own limit', () => {
  expect(next(1, { retryAfterSeconds: 60 })).toEqual(at(60_000));
  expect(next(4, { retryAfterSeconds: 1 })).toEqual(at(40_000));
  expect(next(1, { retryAfterSeconds: 9_999_999 })).toEqual(at(2 * HOUR));
});

test('makes the last attempt when the time is over, and none after it', () => {
  expect(next(40, { failedAt: at(71.5 * HOUR) })).toEqual(at(72 * HOUR));
  expect(next(41, { failedAt: at(72 * HOUR) })).toBeNull();
});
