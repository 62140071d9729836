import { test } from 'vitest';
import { walk } from './walk.ts';

/** Most of it is a failing path being cut down. */
const MOST_MS = 20 * 60_000;

test.each([1, 2])(
  'one instance, killed now and then: several tenants, much at once, faults: all invariants hold (%d of 2)',
  (round) => walk({ instances: 1, kills: true, round }),
  MOST_MS,
);
