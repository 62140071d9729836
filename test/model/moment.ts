import { createHash } from 'node:crypto';
import type { ConnectionContext } from '../../machines/connection/index.ts';

const FIRST_INSTANT = Date.parse('2026-01-05T09:00:00.000Z');

/** All that an event may be made from: what the machine remembers, the time, and ids that nobody has used. */
export interface Moment {
  context: ConnectionContext;
  /** Milliseconds since 1970; never before anything that the context remembers. */
  now: number;
  /** A UUID, the same one for the same word at the same moment. */
  fresh(word: string): string;
}

/** The moment as the context alone tells it, so that the same state always gives the same events. */
export function momentOf(context: ConnectionContext): Moment {
  const { generation, backfill, debts } = context;
  return {
    context,
    now: rememberedInstant(context),
    fresh: (word) =>
      uuidOf(
        word,
        generation,
        backfill.run,
        debts.map((debt) => debt.id),
      ),
  };
}

/** The moment of one step of a walk: ids of two steps never meet. */
export function momentOfStep(context: ConnectionContext, step: number, now: number): Moment {
  return { context, now, fresh: (word) => uuidOf(word, step) };
}

export function uuidOf(...words: unknown[]): string {
  const hex = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function rememberedInstant({ grant, candidate, problem }: ConnectionContext): number {
  const known = [grant?.refreshedAt, candidate?.refreshedAt, problem?.at].filter((at) => typeof at === 'string');
  return Math.max(FIRST_INSTANT, ...known.map((at) => Date.parse(at)));
}
