import { Value } from 'typebox/value';
import type { HistoryItem } from './list-history.ts';
import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';
import type { EffectStory, Moment } from './read-moment.ts';
import { withStays, type TimelineRow } from './read-timeline.ts';
import { tooMuchToShow } from './bundle-bounds.ts';
import { Bundle } from './bundle.ts';

/** Opens a bundle, or says why a text is none, for the person who brought it. */
export function openBundle(text: string): { bundle: Bundle } | { problem: string } {
  const tooMuch = tooMuchToShow(text);
  if (tooMuch !== null) return { problem: tooMuch };
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

/**
 * The rows of a bundle with everything around each of them, as the database would give it. Each effect is shown at one row that started it
 * and at one that answers it. A forged file may name more, and would be shown at many times its size.
 */
export function momentsOf({ history, effects, exchanges, exportedAt }: Bundle): Moment[] {
  const ofEffect = Map.groupBy(exchanges as ExchangeItem[], ({ effectId }) => effectId);
  const stories = new Map(
    effects.map((effect): [string, EffectStory] => [
      effect.id,
      {
        ...effect,
        createdAt: new Date(effect.createdAt),
        answeredAt: effect.answeredAt === null ? null : new Date(effect.answeredAt),
        job: null,
        exchanges: (ofEffect.get(effect.id) ?? []).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
      },
    ]),
  );
  const asked = new Map(stories);
  const answered = new Map(stories);
  return rowsOf(history as HistoryItem[], exportedAt).map((row) => ({
    row,
    cameFrom: (row.cause.kind === 'effect' && taken(answered, row.cause.effectId)) || null,
    setGoing: (row.actions?.effects ?? []).map(({ id }) => taken(asked, id)).filter((story) => story !== undefined),
  }));
}

function taken(stories: Map<string, EffectStory>, id: string): EffectStory | undefined {
  const story = stories.get(id);
  stories.delete(id);
  return story;
}

const rowsOf = (history: HistoryItem[], until: string): TimelineRow[] => withStays(history, Date.parse(until));
