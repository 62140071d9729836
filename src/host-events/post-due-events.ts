import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger.ts';
import { claimEvents, type ClaimedEvent } from './claim-events.ts';
import { sendEvent } from './send-event.ts';
import { settleAttempt } from './settle-attempt.ts';

/** A host that hangs for every event costs itself its speed, and nobody else anything. */
const MOST_IN_HAND = 8;

export interface PostDeps {
  db: Kysely<Database>;
  now(): Date;
  log: Logger;
}

export interface Poster {
  /** Begins to send what is due, as far as there is room; does not wait for the host. */
  postDue(): Promise<void>;
  /** Comes back when nothing is in hand. */
  settled(): Promise<void>;
}

/** `onRoom` hears when an attempt is over, and its lane free for the next one. */
export function createPoster({ db, now, log }: PostDeps,
  { url, secrets, parkAfterMs }: { url: string; secrets: readonly string[]; parkAfterMs: number }, onRoom: () => void): Poster {
  const inHand = new Set<Promise<void>>();

  const post = async (event: ClaimedEvent): Promise<void> => {
    const failure = await sendEvent({ url, secrets }, event, now());
    const settled = await settleAttempt(db, event, failure, { now: now(), parkAfterMs });
    const { tenantId, id: eventId, type, attempts } = event;
    const line = { tenantId, eventId, type, attempts, ...(failure ? { failure } : {}) };
    if (settled === 'parked') log.error(line, 'an event was not taken for too long and is parked');
    else if (failure !== null) log.warn(line, 'an event was not taken and will be sent again');
    else log.info(line, 'an event was sent');
  };

  return {
    async postDue() {
      const room = MOST_IN_HAND - inHand.size;
      if (room === 0) return;
      for (const event of await claimEvents(db, now(), room)) {
        const attempt: Promise<void> = post(event)
          .catch((error: unknown) => log.warn({ err: error, eventId: event.id }, 'what became of an event could not be stored: it is sent again'))
          .finally(() => {
            inHand.delete(attempt);
            onRoom();
          });
        inHand.add(attempt);
      }
    },
    async settled() {
      await Promise.all(inHand);
    },
  };
}
