import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FeedPage } from '../host-events/read-feed.ts';
import { encodeCursor } from '../paging/cursor.ts';

/** This also keeps proxies from closing a quiet connection: all common ones wait longer than 15 s. */
const QUIET_MS = 15_000;
const PAGE = 100;
/** Long enough for a restart of the service, and so short that nobody notices. */
const RECONNECT_MS = 2_000;

export interface StreamDeps {
  read(after: number, limit: number): Promise<FeedPage>;
  /** Resolves when there may be more to read, or after `ms`. */
  grown(ms: number, signal: AbortSignal): Promise<void>;
  /** Ends the stream when the service stops. */
  closing: AbortSignal;
  onError(error: unknown): void;
}

/**
 * Sends server-sent events until the reader goes or the service stops. The id of each event is the reader's position after it, and comes
 * back as Last-Event-ID. A slow reader is waited for; meanwhile the feed keeps its position.
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
      // Wait first, then read: an event that is written in between ends the wait.
      more ??= grown(QUIET_MS, gone.signal);
      const page = await read(place, PAGE);
      for (const { position, event } of page.items) {
        await write(`id: ${encodeCursor(position)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      place = page.through;
      if (page.hasMore) continue;
      // The position of a reader with a filter moves on, too. Otherwise it would become too old.
      await write(page.items.length === 0 ? `id: ${encodeCursor(place)}\n: quiet\n\n` : ': quiet\n\n');
      await more;
      more = null;
    }
  } catch (error) {
    // The database is down, or the events after the reader's position are gone. The reader connects again with its last id and gets the
    // error then.
    if (!gone.signal.aborted) onError(error);
  }
  closing.removeEventListener('abort', leave);
  response.end();
}
