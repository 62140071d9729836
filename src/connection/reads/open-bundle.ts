import { Value } from 'typebox/value';
import type { HistoryItem } from './list-history.ts';
import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';
import type { EffectStory, Moment } from './read-moment.ts';
import { withStays, type TimelineRow } from './read-timeline.ts';
import { Bundle } from './bundle.ts';

/** Why a text is no bundle, for the person who brought it; or the bundle. */
export function openBundle(text: string): { bundle: Bundle } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'This is not JSON. A bundle is the file that Export gives.' };
  }
  if (Value.Check(Bundle, value)) return { bundle: value };
  const first = [...Value.Errors(Bundle, value)][0];
  return {
    problem: `This is JSON, but not a bundle of this version${first === undefined ? '' : ` (${first.instancePath || 'at the top'}: ${first.message})`}.`,
  };
}

/** The rows of a bundle with everything around each, as the database would give it. */
export function momentsOf({ history, effects, exchanges, exportedAt }: Bundle): Moment[] {
  const stories = new Map(
    effects.map((effect): [string, EffectStory] => [
      effect.id,
      {
        ...effect,
        createdAt: new Date(effect.createdAt),
        answeredAt: effect.answeredAt === null ? null : new Date(effect.answeredAt),
        job: null,
        exchanges: (exchanges as ExchangeItem[])
          .filter((each) => each.effectId === effect.id)
          .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
      },
    ]),
  );
  return rowsOf(history as HistoryItem[], exportedAt).map((row) => ({
    row,
    cameFrom: (row.cause.kind === 'effect' && stories.get(row.cause.effectId)) || null,
    setGoing: (row.actions?.effects ?? []).map(({ id }) => stories.get(id)).filter((story) => story !== undefined),
  }));
}

const rowsOf = (history: HistoryItem[], until: string): TimelineRow[] => withStays(history, Date.parse(until));
