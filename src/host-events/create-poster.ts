import { SpanStatusCode } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger/create-logger.ts';
import { traced, type SpanOptions } from '../tracing/traced.ts';
import { chooseEvents } from './choose-events.ts';
import { claimEvents, type ClaimedEvent } from './claim-events.ts';
import { findDueEvents, findDueEventsByTenant, type AttemptKind, type DueEvent } from './find-due-events.ts';
import { createPostSlots, type PostSlots, type PostSlotLimits } from './post-slots.ts';
import { sendEvent } from './send-event.ts';
import { storePostOutcome } from './store-post-outcome.ts';
import { limitConcurrency } from './limit-concurrency.ts';

/**
 * A quick slot is free again after one second, whatever the host does, as long as a slow slot is free. There are enough slow slots for
 * all attempts that can begin while one attempt lasts. So 40 events that hang delay another one by two to three seconds.
 */
const SLOT_LIMITS: Readonly<Record<AttemptKind, PostSlotLimits>> = {
  first: { quick: 16, slow: 224, share: 4 },
  retry: { quick: 8, slow: 112, share: 4 },
};
/** So many outcomes are stored at once, each with a connection of the pool. */
const MOST_STORING = 3;
/** If an event has to wait for others, or another instance has claimed it, others are chosen instead: so often in one look. */
const MOST_PASSES = 20;

export interface PostDeps {
  db: Kysely<Database>;
  now(): Date;
  log: Logger;
}

export interface Poster {
  /** Begins to send what is due, as far as slots are free. Does not wait for the host. */
  postDue(): Promise<void>;
  /** Resolves when no attempt is under way. */
  settled(): Promise<void>;
}

/** `onFreeSlot` hears when another attempt may begin: one is over, or has become slow. */
export function createPoster(
  { db, now, log }: PostDeps,
  { url, secrets, parkAfterMs }: { url: string; secrets: readonly string[]; parkAfterMs: number },
  onFreeSlot: () => void,
): Poster {
  const inHand = new Set<Promise<void>>();
  const storing = limitConcurrency(MOST_STORING);

  const post = async (event: ClaimedEvent): Promise<void> => {
    const failure = await traced('POST host event', spanOf(event), async (span) => {
      const failed = await sendEvent({ url, secrets }, event, now());
      if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failed.code });
      return failed;
    });
    const settled = await storing(() => storePostOutcome(db, event, failure, { now: now(), parkAfterMs }));
    const { tenantId, id: eventId, type, attempts } = event;
    const line = { tenantId, eventId, type, attempts, ...(failure ? { failure } : {}) };
    if (settled === 'parked') log.error(line, 'the host did not accept an event for too long: it is parked');
    else if (settled === 'overtaken')
      log.warn(line, 'an event was claimed for too long: the result of another attempt counts');
    else if (failure !== null) log.warn(line, 'the host did not accept an event, and it will be sent again');
    else log.info(line, 'an event was sent');
  };
  const begin = (event: ClaimedEvent, slots: PostSlots): void => {
    const leave = slots.take(event.tenantId);
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
    const slots = createPostSlots(SLOT_LIMITS[kind], onFreeSlot);
    let asked = '';
    const beginAmong = async (due: readonly DueEvent[]): Promise<void> => {
      const tried = new Set<string>();
      for (let pass = 0; pass < MOST_PASSES; pass++) {
        const chosen = chooseEvents(due, { slots, tried });
        if (chosen.length === 0) return;
        for (const { id } of chosen) tried.add(id);
        for (const event of await claimEvents(db, chosen, now())) begin(event, slots);
      }
    };
    return async () => {
      if (slots.free() === 0) return;
      const { due, all } = await findDueEvents(db, kind, now());
      if (all) return beginAmong(due);
      // Some tenants have more to send than one look reads. The other tenants are asked in turn before any slot is taken;
      // otherwise they would come after all tenants with long queues.
      const found = await findDueEventsByTenant(db, kind, now(), {
        after: asked,
        except: slots.fullTenants(),
        each: slots.share,
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
