import { minutesSince, placeBehind, type Facts } from '../facts.ts';
import { calendly, nobody, operator, type Found, type Rule } from '../rule.ts';

const FAILURES_WORTH_A_WORD = 3;
const LAG_MINUTES = 15;
const RECENT_MINUTES = 24 * 60;

function ofRun(facts: Facts, says: string): Found {
  const at = facts.run?.updatedAt ?? facts.since;
  return { since: at, evidence: [{ kind: 'backfill', at, ref: String(facts.context?.backfill.run ?? ''), says }] };
}
const isConnected = (facts: Facts) => placeBehind(facts).startsWith('connected');

/** Meetings that no delivery brought. */
export const backfills: Rule[] = [
  {
    code: 'meetings_hidden',
    verdict: 'degraded',
    headline: 'Earlier and missed meetings cannot be fetched.',
    next: operator(
      'Read the exchanges of the back-fill. It is tried again by itself, at most 30 minutes apart.',
      'resync',
    ),
    when: (facts) => {
      const backfill = facts.context?.backfill;
      if (backfill === undefined || backfill.failures < FAILURES_WORTH_A_WORD || !isConnected(facts)) return null;
      return ofRun(facts, `${backfill.failures} tries have failed, one after the other`);
    },
  },
  {
    code: 'backfill_lagging',
    verdict: 'degraded',
    headline: 'Earlier and missed meetings are being fetched, and it has stood still for a while.',
    next: nobody('Nothing: more urgent calls go first, and it goes on by itself.'),
    when: (facts) => {
      const { run } = facts;
      const isOpen = run?.finishedAt === null && facts.context?.backfill.state === 'running';
      return isOpen && isConnected(facts) && minutesSince(facts, run.updatedAt) > LAG_MINUTES
        ? ofRun(facts, 'the last event was read then')
        : null;
    },
  },
  {
    code: 'events_left_out',
    verdict: 'degraded',
    headline: 'Calendly cannot show some of the scheduled events; all others are here.',
    next: calendly('Nothing: they are tried again, at most 6 hours apart.'),
    when: (facts) =>
      (facts.context?.backfill.incomplete ?? 0) > 0 && isConnected(facts)
        ? ofRun(facts, `${facts.run?.skipped ?? 'some'} events were left out`)
        : null,
  },
  {
    code: 'deliveries_missed',
    verdict: 'degraded',
    headline: 'Meetings were found that no delivery had told of; they are here now.',
    next: operator('If it happens again, see that PUBLIC_URL can be reached from outside at all times.'),
    when: (facts) => {
      const { run } = facts;
      if (!run?.finishedAt || run.recovered === 0 || !isConnected(facts)) return null;
      const expected = run.reason === 'first' || run.reason === 'poll';
      if (expected || minutesSince(facts, run.finishedAt) > RECENT_MINUTES) return null;
      return ofRun(facts, `${run.recovered} meetings`);
    },
  },
  {
    code: 'backfill_waiting',
    verdict: 'degraded',
    headline: 'Fetching earlier and missed meetings failed, and is tried again.',
    next: nobody('Nothing: it is tried again within minutes.'),
    when: (facts) =>
      facts.context?.backfill.state === 'waiting' && isConnected(facts)
        ? ofRun(facts, `${facts.context.backfill.failures} tries have failed`)
        : null,
  },
  {
    code: 'backfill_running',
    verdict: 'well',
    headline: 'Earlier meetings are being fetched; new ones arrive meanwhile.',
    next: nobody(),
    when: (facts) =>
      facts.context?.backfill.state === 'running' && isConnected(facts) && facts.context.delivery !== 'polling'
        ? ofRun(facts, 'the last event was read then')
        : null,
  },
];
