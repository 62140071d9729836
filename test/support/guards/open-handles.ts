/** What our code can leave open. Promises and unref'd timers keep nothing alive; vitest's own channel is none of these. */
const KINDS = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'UDPWrap', 'ProcessWrap', 'FSEventWrap', 'Timeout'];

export type OpenHandles = Map<string, number>;

/** How many handles of each kind keep this process alive. */
export function openHandles(): OpenHandles {
  const counts: OpenHandles = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.includes(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Such as `TCPServerWrap × 1`; empty when nothing was left open since. */
export function leakedSince(before: OpenHandles): string[] {
  return [...openHandles()]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${kind} × ${more}`);
}
