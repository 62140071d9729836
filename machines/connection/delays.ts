import type { ConnectionContext } from './context.ts';
import type { ConnectionEvent } from './events.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Time that a step may take before the machine stops waiting for its answer. Above the 60 s of the slowest call + 90 s of doubt. */
export const STEP_DEADLINE = 150 * SECOND;
/** `connected` does not wait longer than this for the first try of deletions. */
export const RETIRING_DEADLINE = 5 * SECOND;
export const CONFIRMATION_DEADLINE = 15 * MINUTE;
/** A create call may take 30 s; a listing made 30 s after that knows its outcome. */
export const CREATE_DOUBT = 60 * SECOND;
/** Life that an access token still has when it is refreshed, so that 90 s of doubt are not an outage. */
export const REFRESH_AHEAD = 20 * MINUTE;
/** However short tokens live, and however late a timer comes: Calendly's limit of 8 tokens a minute is kept. */
const LEAST_REFRESH_INTERVAL = 10 * SECOND;
/** Calendly hands out 8 tokens per user and minute: a token younger than this is proven, not refreshed. */
export const RECENT_REFRESH = 5 * MINUTE;
const RECHECK = HOUR;
const PLAN_RECHECK = HOUR;

interface Args {
  context: ConnectionContext;
  event: ConnectionEvent;
}

export const delays = {
  untilDeadline: STEP_DEADLINE,
  untilRetired: RETIRING_DEADLINE,
  untilDeclined: CONFIRMATION_DEADLINE,
  untilAttemptExpires: ({ context, event }: Args) =>
    Math.max(0, Date.parse(context.attempt?.expiresAt ?? event.at) - Date.parse(event.at)),
  /** Ahead of the end by `REFRESH_AHEAD`, or at half-life for tokens that live shorter than twice that. */
  untilRefresh: ({ context, event }: Args) => {
    const left = Date.parse(context.grant?.expiresAt ?? event.at) - Date.parse(event.at);
    return Math.max(LEAST_REFRESH_INTERVAL, left - Math.min(REFRESH_AHEAD, left / 2));
  },
  untilRefreshRetry: ({ event }: Args) =>
    Math.max('failure' in event ? event.failure.retryAfterSeconds * SECOND : 0, spread(30 * SECOND, event.id)),
  untilRetry: ({ context, event }: Args) =>
    Math.max(context.retryAfterSeconds * SECOND, backOff(context.failures, { first: 2 * SECOND, most: 15 * MINUTE }, event.id)),
  untilRecheck: ({ event }: Args) => spread(RECHECK, event.id),
  untilPoll: ({ context, event }: Args) => spread(context.pollingMinutes * MINUTE, event.id),
  untilWatch: ({ context, event }: Args) => spread(context.watchMinutes * MINUTE, event.id),
  untilPlanRecheck: ({ event }: Args) => spread(PLAN_RECHECK, event.id),
  untilBackfill: ({ context, event }: Args) =>
    backOff(context.backfill.failures, { first: 5 * SECOND, most: 30 * MINUTE }, event.id),
};

/** Doubling from `first` up to `most`; `failures` starts at 1. */
export function backOff(failures: number, { first, most }: { first: number; most: number }, id: string): number {
  return spread(Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1))), id);
}

/** 80–120 % of `ms`, chosen by the event's id: after an outage tenants do not come back in one wave. */
function spread(ms: number, id: string): number {
  const fraction = (Number.parseInt(id.slice(0, 4), 16) || 0) / 0xffff;
  return Math.round(ms * (0.8 + 0.4 * fraction));
}
