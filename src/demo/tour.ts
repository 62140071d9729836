import type { HistoryItem } from '../connection/reads/list-history.ts';
import { typeOf } from './story.ts';

export const TOUR = ['connect', 'book', 'reconnect', 'switch', 'disconnect', 'heal'] as const;
export type TourStep = (typeof TOUR)[number];

export interface Tour {
  done: ReadonlySet<TourStep>;
  /** null: everything was done. */
  next: TourStep | null;
}

/** How far a newcomer has come, read from what happened. The browser remembers nothing. */
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
  if (after(events.findIndex(asksForSwitch), isAccepted) || events.some((item) => typeOf(item) === 'account.confirmed'))
    done.add('switch');
  if (events.some((item) => typeOf(item) === 'disconnect' && item.from !== 'disconnected.idle')) done.add('disconnect');
  if (
    after(
      events.findIndex((item) => item.to === 'error.retrying'),
      connected,
    )
  )
    done.add('heal');
  if (done.has('switch') || done.has('disconnect')) done.add('book'); // another account's meetings are not shown any more
  const next = TOUR.find((step) => !done.has(step)) ?? null;
  return { done, next: next === null || isConnected || done.size === 0 ? next : 'connect' };
}

/** True if the consent was accepted. If it was declined or never answered, the connection goes back to where it was. */
const isAccepted = ({ from, to }: HistoryItem): boolean =>
  (from?.startsWith('authorizing.') && to?.startsWith('syncingWebhooks.')) ?? false;
const connectedBefore = ({ from, to }: HistoryItem) =>
  (from?.startsWith('connected.') && to?.startsWith('refreshing.')) ?? false;
const asksForSwitch = (item: HistoryItem) =>
  typeOf(item) === 'connect' && (item.event as { switchAccount?: boolean }).switchAccount === true;
