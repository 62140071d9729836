import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { AppliedDelivery } from './apply-deliveries.ts';
import { noteLastDeliveries, type LastDelivery } from './note-deliveries.ts';
import { projectDeliveries } from './project-deliveries.ts';

/** How often to look without being woken, for what another instance has left and for what is tried again. */
const LOOK_MS = 1_000;
/**
 * If more deliveries come than a batch applies, they cannot all be applied at once. Then receipts are more urgent, because Calendly waits for them:
 * after the batch comes a pause of the same length, at most this long.
 */
const LONGEST_REST_MS = 100;
/** Of subscriptions whose rows somebody else holds for long. */
const MOST_REMEMBERED = 1_000;

export interface Projector {
  /** Called when something was stored. */
  wake(): void;
  /** Begins no further batch and waits for the current one. */
  stop(): Promise<void>;
}

/**
 * Applies stored deliveries as long as the process runs. At its start it applies what a killed process has left, then everything as soon as
 * it is stored. Every instance does so, and skips the rows that others have locked. One batch runs at a time, so it uses one connection.
 */
export function startProjector(
  db: Kysely<Database>,
  {
    onApplied,
    onFailed,
    onError,
  }: {
    onApplied(delivery: AppliedDelivery): void;
    /** Called if a delivery could not be applied. It is tried again later. */
    onFailed(id: number, error: unknown): void;
    onError(error: unknown): void;
  },
): Projector {
  let stopping = false;
  /** Deliveries that were stored since the batch began. */
  let stored = 0;
  let endPause = () => {};
  let unnoted: LastDelivery[] = [];
  let turnAfter: string | undefined;

  const round = async (): Promise<{ isFull: boolean; applied: number }> => {
    const projection = await projectDeliveries(db, { turnAfter });
    turnAfter = projection.turnAfter;
    for (const delivery of projection.applied) onApplied(delivery);
    for (const { id, error } of projection.failed) onFailed(id, error);
    const late = unnoted.splice(0);
    unnoted.push(...projection.unnoted);
    if (late.length > 0) unnoted.push(...(await noteLastDeliveries(db, late)));
    unnoted = unnoted.slice(-MOST_REMEMBERED);
    return { isFull: projection.isFull, applied: projection.applied.length };
  };
  const pause = (ms: number, isEarly: () => boolean) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        if (!stopping && !isEarly()) return;
        clearTimeout(timer);
        resolve();
      };
      endPause();
    });
  const run = async (): Promise<void> => {
    while (!stopping) {
      stored = 0;
      const begun = performance.now();
      try {
        const { isFull, applied } = await round();
        if (stored > applied) await pause(Math.min(LONGEST_REST_MS, performance.now() - begun), () => false);
        if (!isFull) await pause(LOOK_MS, () => stored > 0);
      } catch (error) {
        onError(error);
        // While the database is down, new deliveries do not make it try sooner.
        await pause(LOOK_MS, () => false);
      }
    }
  };
  const running = run();

  return {
    wake() {
      stored++;
      endPause();
    },
    async stop() {
      stopping = true;
      endPause();
      await running;
    },
  };
}
