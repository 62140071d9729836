import { afterAll, beforeAll } from 'vitest';
import { leakedSince, type OpenHandles, openHandles } from './open-handles.ts';
import { waitFor } from '../service/wait-for.ts';

/** Sockets need a moment from `end()` to gone. */
const PATIENCE_MS = 3_000;

let before: OpenHandles;

// Both hooks run under vitest's own hook timeout, so that one timer is in both counts
beforeAll(() => void (before = openHandles()));

afterAll(async () => {
  const leaked = () => leakedSince(before);
  await waitFor(() => leaked().length === 0, { timeoutMs: PATIENCE_MS }).catch(() => {
    throw new Error(
      `This test file left handles open: ${leaked().join(', ')}. Close servers, pools, workers and timers in afterAll.`,
    );
  });
});
