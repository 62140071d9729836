import type { HistoryItem } from '../connection/reads/list-history.ts';

/** One change of state, in words for a newcomer. */
export interface StoryStep {
  event: string;
  to: string;
  /** Milliseconds since the command that led to it. */
  afterMs: number;
}

export interface Story {
  command: string;
  startedAt: string;
  from: string;
  steps: StoryStep[];
  /** How often the browser went to Calendly's consent page. */
  redirects: number;
}

const COMMANDS: readonly string[] = ['connect', 'disconnect'];

/** What happened since the host's latest command, oldest first; null if there was none. */
export function tellStory(newestFirst: readonly HistoryItem[]): Story | null {
  const events = newestFirst.filter(({ kind }) => kind === 'event').reverse();
  // If the consent page is opened once more, the story that led there goes on.
  const start = events.findLastIndex((item) => COMMANDS.includes(typeOf(item)) && !isReopened(item));
  const first = events[start];
  if (!first) return null;
  const moves = events.slice(start).filter(({ from, to }) => from !== to);
  return {
    command: commandOf(first),
    startedAt: first.at,
    from: first.from ?? '',
    steps: moves.map((item) => ({
      event: typeOf(item),
      to: item.to ?? '',
      afterMs: Date.parse(item.at) - Date.parse(first.at),
    })),
    redirects: events.slice(start).filter((item) => item.to === CONSENT && (item.from !== CONSENT || isReopened(item)))
      .length,
  };
}

const CONSENT = 'authorizing.awaitingConsent';
const isReopened = (item: HistoryItem): boolean => typeOf(item) === 'connect' && item.from === CONSENT;

function commandOf(item: HistoryItem): string {
  const { type, switchAccount } = item.event as { type: string; switchAccount?: boolean };
  if (type !== 'connect') return type;
  return switchAccount ? 'switch account' : item.from?.startsWith('disconnected') ? 'connect' : 'reconnect';
}

export const typeOf = ({ event }: Pick<HistoryItem, 'event'>): string =>
  (event as { type?: string } | null)?.type ?? '';
