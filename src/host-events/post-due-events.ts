import { SpanStatusCode } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger/create-logger.ts';
import { traced, type SpanOptions } from '../tracing/traced.ts';
import { chooseEvents } from './choose-events.ts';
import { claimEvents, type ClaimedEvent } from './claim-events.ts';
import { findDue, findDueByTenant, type AttemptKind, type DueEvent } from './due-events.ts';
import { createRoom, type Room, type RoomSize } from './room.ts';
import { sendEvent } from './send-event.ts';
import { settleAttempt } from './settle-attempt.ts';
import { createTurns } from './turns.ts';

/**
 * The places for quick attempts are free again within a second, whatever the host does, as long as there are places for slow ones; there
 * are as many of those as attempts can begin in the time of one. So 40 events that hang delay another one by two to three seconds.
 */
const ROOMS: Readonly<Record<AttemptKind, RoomSize>> = {
  first: { quick: 16, slow: 224, share: 4 },
  retry: { quick: 8, slow: 112, share: 4 },
};
/** What became of attempts is stored by so many connections at once. */
const STORING = 3;
/** An event that must wait for others, or that another instance has claimed, is skipped; at most this often in one look. */
const MOST_PASSES = 20;

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

/** `onRoom` hears when another attempt may begin: one is over, or has become slow. */
export function createPoster(
  { db, now, log }: PostDeps,
  { url, secrets, parkAfterMs }: { url: string; secrets: readonly string[]; parkAfterMs: number },
  onRoom: () => void,
): Poster {
  const inHand = new Set<Promise<void>>();
  const storing = createTurns(STORING);

  const post = async (event: ClaimedEvent): Promise<void> => {
    const failure = await traced('POST host event', spanOf(event), async (span) => {
      const failed = await sendEvent({ url, secrets }, event, now());
      if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failed.code });
      return failed;
    });
    const settled = await storing(() => settleAttempt(db, event, failure, { now: now(), parkAfterMs }));
    const { tenantId, id: eventId, type, attempts } = event;
    const line = { tenantId, eventId, type, attempts, ...(failure ? { failure } : {}) };
    if (settled === 'parked') log.error(line, 'the host did not accept an event for too long: it is parked');
    else if (settled === 'overtaken')
      log.warn(line, 'an event was claimed for too long: the result of another attempt counts');
    else if (failure !== null) log.warn(line, 'the host did not accept an event, and it will be sent again');
    else log.info(line, 'an event was sent');
  };
  const begin = (event: ClaimedEvent, room: Room): void => {
    const leave = room.enter(event.tenantId);
    const attempt: Promise<void> = post(event)
      .catch((error: unknown) =>
        log.warn({ err: error, eventId: event.id }, 'the result of an event could not be stored: it is sent again'),
      )
      .finally(() => {
        inHand.delete(attempt);
        leave();
      });
    inHand.add(attempt);
  };

  const postKind = (kind: AttemptKind): (() => Promise<void>) => {
    const room = createRoom(ROOMS[kind], onRoom);
    let asked = '';
    const beginAmong = async (due: readonly DueEvent[]): Promise<void> => {
      const tried = new Set<string>();
      for (let pass = 0; pass < MOST_PASSES; pass++) {
        const chosen = chooseEvents(due, { room, tried });
        if (chosen.length === 0) return;
        for (const { id } of chosen) tried.add(id);
        for (const event of await claimEvents(db, chosen, now())) begin(event, room);
      }
    };
    return async () => {
      if (room.free() === 0) return;
      const { due, all } = await findDue(db, kind, now());
      if (all) return beginAmong(due);
      // Some tenants have more to send than one look reads. The other tenants are asked in turn before any place is given away;
      // otherwise they would come after all tenants with long queues.
      const found = await findDueByTenant(db, kind, now(), {
        after: asked,
        except: room.fullTenants(),
        each: room.share,
      });
      asked = found.through ?? '';
      const ids = new Set(due.map(({ id }) => id));
      await beginAmong([...due, ...found.due.filter(({ id }) => !ids.has(id))]);
    };
  };
  const kinds = [postKind('first'), postKind('retry')];

  return {
    async postDue() {
      for (const postDueOf of kinds) await postDueOf();
    },
    async settled() {
      await Promise.all(inHand);
    },
  };
}

const spanOf = ({ traceparent, tenantId, id, type, attempts }: ClaimedEvent): SpanOptions => ({
  parent: traceparent,
  kind: 'client',
  attributes: { 'tenant.id': tenantId, 'event.id': id, 'event.type': type, 'event.attempt': attempts },
});
