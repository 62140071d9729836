import { minutesSince, placeBehind, type Facts } from '../facts.ts';
import { calendly, evidenceOfCall, nobody, operator, outcomeOf, type Found, type Rule } from '../rule.ts';

const FAILURES_WORTH_A_WORD = 3;
const LAG_MINUTES = 15;
const RECENT_MINUTES = 24 * 60;

function ofRun(facts: Facts, says: string): Found {
  const at = facts.run?.updatedAt ?? facts.since;
  const ref = String(facts.context?.backfill.run ?? '');
  return {
    since: at,
    words: { outcome: outcomeOf(facts.failed.backfill) },
    evidence: [{ kind: 'backfill', at, ref, says }, ...evidenceOfCall(facts.failed.backfill)],
  };
}
const isConnected = (facts: Facts) => placeBehind(facts).startsWith('connected');

/** About meetings that no delivery brought. */
export const backfills: Rule[] = [
  {
    code: 'meetings_hidden',
    verdict: 'degraded',
    headline: 'New meetings arrive. Earlier and missed ones cannot be fetched: {outcome}.',
    next: operator('Read the exchanges of the back-fill. The service tries again at least every 30 minutes.', 'resync'),
    when: (facts) => {
      const backfill = facts.context?.backfill;
      if (backfill === undefined || backfill.failures < FAILURES_WORTH_A_WORD || !isConnected(facts)) return null;
      return ofRun(facts, `failed attempts in a row: ${backfill.failures}`);
    },
  },
  {
    code: 'backfill_lagging',
    verdict: 'degraded',
    headline: 'Earlier and missed meetings are being fetched, but there has been no progress for a while.',
    next: nobody('Nothing: more urgent calls go first, and the back-fill continues on its own.'),
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
    headline: 'New meetings arrive. Calendly cannot show some earlier ones; all others are here.',
    next: calendly('Nothing: the service tries them again at least every 6 hours.'),
    when: (facts) =>
      (facts.context?.backfill.incomplete ?? 0) > 0 && isConnected(facts)
        ? ofRun(facts, `left out: ${facts.run?.skipped ?? 'some'}`)
        : null,
  },
  {
    code: 'deliveries_missed',
    verdict: 'degraded',
    headline: 'No delivery had brought some meetings. The service has found them now.',
    next: operator('If it happens again, make sure that PUBLIC_URL can always be reached from outside.'),
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
    headline: 'New meetings arrive. Earlier and missed ones could not be fetched yet: {outcome}.',
    next: nobody('Nothing: the service tries again within minutes.'),
    when: (facts) =>
      facts.context?.backfill.state === 'waiting' && isConnected(facts)
        ? ofRun(facts, `failed attempts in a row: ${facts.context.backfill.failures}`)
        : null,
  },
  {
    code: 'backfill_running',
    verdict: 'well',
    headline: 'Earlier meetings are being fetched. New ones arrive meanwhile.',
    next: nobody(),
    when: (facts) =>
      facts.context?.backfill.state === 'running' && isConnected(facts) && facts.context.delivery !== 'polling'
        ? ofRun(facts, 'the last event was read then')
        : null,
  },
];
