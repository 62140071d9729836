import type { HistoryItem } from '../connection/reads/list-history.ts';
import { typeOf } from './story.ts';

export const TOUR = ['connect', 'book', 'reconnect', 'switch', 'disconnect'] as const;
export type TourStep = (typeof TOUR)[number];

export interface Tour {
  done: ReadonlySet<TourStep>;
  /** null: everything was tried. */
  next: TourStep | null;
}

/** How far a newcomer has come, read from what happened: nothing is remembered in the browser. */
export function followTour(
  newestFirst: readonly HistoryItem[],
  { isConnected, hasMeetings }: { isConnected: boolean; hasMeetings: boolean },
): Tour {
  const events = newestFirst.filter(({ kind }) => kind === 'event').reverse();
  const connected = (item: HistoryItem) => item.to?.startsWith('connected.') ?? false;
  const after = (found: number, wanted: (item: HistoryItem) => boolean) =>
    found >= 0 && events.slice(found + 1).some(wanted);
  const done = new Set<TourStep>();
  if (events.some(connected)) done.add('connect');
  if (hasMeetings) done.add('book');
  if (
    after(
      events.findIndex((item) => typeOf(item) === 'connect' && connectedBefore(item)),
      connected,
    )
  )
    done.add('reconnect');
  if (after(events.findIndex(asksForSwitch), connected) || events.some((item) => typeOf(item) === 'account.confirmed'))
    done.add('switch');
  if (events.some((item) => typeOf(item) === 'disconnect' && item.from !== 'disconnected.idle')) done.add('disconnect');
  if (done.has('switch') || done.has('disconnect')) done.add('book'); // another account's meetings are not shown any more
  const next = TOUR.find((step) => !done.has(step)) ?? null;
  return { done, next: next === null || isConnected || done.size === 0 ? next : 'connect' };
}

const connectedBefore = ({ from, to }: HistoryItem) =>
  (from?.startsWith('connected.') && to?.startsWith('refreshing.')) ?? false;
const asksForSwitch = (item: HistoryItem) =>
  typeOf(item) === 'connect' && (item.event as { switchAccount?: boolean }).switchAccount === true;
