import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FeedPage } from '../host-events/read-feed.ts';
import { encodeCursor } from '../paging/cursor.ts';

/** Also what keeps a proxy from closing a quiet line; every one passes 15 s. */
const QUIET_MS = 15_000;
const PAGE = 100;
/** Long enough for a restart of the service, short enough to go unnoticed. */
const RECONNECT_MS = 2_000;

export interface StreamDeps {
  read(after: number, limit: number): Promise<FeedPage>;
  /** Comes back when there may be more to read, or after `ms`. */
  grown(ms: number, signal: AbortSignal): Promise<void>;
  /** Ends the stream when the service stops. */
  closing: AbortSignal;
  onError(error: unknown): void;
}

/**
 * Server-sent events until the reader goes or the service stops. The id of each is the reader's place after it, which comes
 * back as Last-Event-ID. A reader that is slow is waited for, and the feed keeps its place.
 */
export async function streamEvents(
  response: ServerResponse,
  after: number,
  { read, grown, closing, onError }: StreamDeps,
): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.on('close', leave);
  closing.addEventListener('abort', leave);
  const write = async (text: string) => {
    if (!response.write(text) && !gone.signal.aborted) await once(response, 'drain', { signal: gone.signal });
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  try {
    await write(`retry: ${RECONNECT_MS}\n\n`);
    let more: Promise<void> | null = null;
    for (let place = after; !gone.signal.aborted;) {
      // Before the look: what is written in between wakes it.
      more ??= grown(QUIET_MS, gone.signal);
      const page = await read(place, PAGE);
      for (const { position, event } of page.items) {
        await write(`id: ${encodeCursor(position)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      place = page.through;
      if (page.hasMore) continue;
      // A filtered reader keeps up with the feed as well: its place must not grow old.
      await write(page.items.length === 0 ? `id: ${encodeCursor(place)}\n: quiet\n\n` : ': quiet\n\n');
      await more;
      more = null;
    }
  } catch (error) {
    // The database went, or the place is lost: the reader comes back with its last id, and is told.
    if (!gone.signal.aborted) onError(error);
  }
  closing.removeEventListener('abort', leave);
  response.end();
}
