import { afterAll, beforeAll } from 'vitest';
import { waitFor } from './wait-for.ts';

/** What our code can leave open. Promises and unref'd timers keep nothing alive; vitest's own channel is none of these. */
const LEAKS = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'UDPWrap', 'ProcessWrap', 'FSEventWrap', 'Timeout'];

/** Sockets need a moment from `end()` to gone. */
const PATIENCE_MS = 3_000;

let before = new Map<string, number>();

// Both hooks run under vitest's own hook timeout, so that one timer is in both counts
beforeAll(() => void (before = openHandles()));

afterAll(async () => {
  const leaked = () => [...openHandles()].filter(([type, count]) => count > (before.get(type) ?? 0)).map(([type, count]) => `${type} × ${count - (before.get(type) ?? 0)}`);
  await waitFor(() => leaked().length === 0, { timeoutMs: PATIENCE_MS }).catch(() => {
    throw new Error(`This test file left handles open: ${leaked().join(', ')}. Close servers, pools, workers and timers in afterAll.`);
  });
});

function openHandles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (LEAKS.includes(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
