import type { Debt } from './context.ts';
import type { Args, ConnectionEvent } from './events.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Time that a step may take before the machine stops waiting for its answer. Above the 60 s of the slowest call + 90 s of doubt. */
export const STEP_DEADLINE = 150 * SECOND;
/** `connected` does not wait longer than this for the first try of deletions. */
const RETIRING_DEADLINE = 5 * SECOND;
const CONFIRMATION_DEADLINE = 15 * MINUTE;
/** A create call may take 30 s; a listing made 30 s after that knows its outcome. */
const CREATE_DOUBT = 60 * SECOND;
/** Life that an access token still has when it is refreshed, so that 90 s of doubt are not an outage. */
export const REFRESH_AHEAD = 20 * MINUTE;
/** A try this long before the token's end can still bring a new one in time. */
const LAST_TRY_AHEAD = 90 * SECOND;
/** However short tokens live, and however late a timer comes: Calendly's limit of 8 tokens a minute is kept. */
const LEAST_REFRESH_INTERVAL = 10 * SECOND;
/** Calendly hands out 8 tokens per user and minute: a token younger than this is proven, not refreshed. */
export const RECENT_REFRESH = 5 * MINUTE;
/** A refused access token or a wrong setting is often mended within minutes: the first look comes soon, the later ones hourly. */
const RECHECK = { first: MINUTE, most: HOUR };
/** Four tries before a token that was refreshed 20 minutes ahead ends; then four an hour. */
const REFRESH_RETRY = { first: 30 * SECOND, most: 15 * MINUTE };
/** A deletion that Calendly forbids: a role or a setting may be changed back within minutes. */
const REFUSED_DEBT = { first: MINUTE, most: HOUR };
const POSTPONED_DEBT = { first: 2 * SECOND, most: HOUR };
const PLAN_RECHECK = HOUR;

export const delays = {
  untilDeadline: STEP_DEADLINE,
  untilRetired: RETIRING_DEADLINE,
  untilDeclined: CONFIRMATION_DEADLINE,
  untilAttemptExpires: ({ context, event }: Args) =>
    Math.max(0, Date.parse(context.attempt?.expiresAt ?? event.at) - Date.parse(event.at)),
  /**
   * Ahead of the end by `REFRESH_AHEAD` to twice that, or at half-life for tokens that live shorter; spread, so that tenants who
   * were refreshed together after an outage are not refreshed together again.
   */
  untilRefresh: ({ context, event }: Args) => {
    const left = millisecondsLeft({ context, event });
    const ahead = Math.min(REFRESH_AHEAD * (1 + fractionOf(event.id)), left / 2);
    return Math.max(LEAST_REFRESH_INTERVAL, left - ahead);
  },
  /** While the token lives, the last try still comes before its end; `Retry-After` is kept in any case. */
  untilRefreshRetry: ({ context, event }: Args) => {
    const wait = backOff(context.refreshFailures, REFRESH_RETRY, event.id);
    const lastTry = millisecondsLeft({ context, event }) - LAST_TRY_AHEAD;
    return Math.max(retryAfterOf(event), lastTry > REFRESH_RETRY.first ? Math.min(wait, lastTry) : wait);
  },
  untilRetry: ({ context, event }: Args) =>
    Math.max(
      context.retryAfterSeconds * SECOND,
      backOff(context.failures, { first: 2 * SECOND, most: 15 * MINUTE }, event.id),
    ),
  untilRecheck: ({ context, event }: Args) =>
    Math.max(context.retryAfterSeconds * SECOND, backOff(context.failures, RECHECK, event.id)),
  untilPoll: ({ context, event }: Args) => spread(context.pollingMinutes * MINUTE, event.id),
  untilWatch: ({ context, event }: Args) => spread(context.watchMinutes * MINUTE, event.id),
  untilPlanRecheck: ({ event }: Args) => spread(PLAN_RECHECK, event.id),
  untilSkippedAreTried: ({ context, event }: Args) =>
    backOff(context.backfill.incomplete, { first: 2 * MINUTE, most: 6 * HOUR }, event.id),
  untilBackfill: ({ context, event }: Args) =>
    Math.max(
      retryAfterOf(event),
      backOff(context.backfill.failures, { first: 5 * SECOND, most: 30 * MINUTE }, event.id),
    ),
};

/** When a debt is tried again; without any try, when the outcome of a create in doubt can be known. */
export function untilDebtRetry(
  { attempts, refusals }: Pick<Debt, 'attempts' | 'refusals'>,
  event: ConnectionEvent,
): number {
  if (attempts === 0) return CREATE_DOUBT;
  const wait = refusals > 0 ? backOff(refusals, REFUSED_DEBT, event.id) : backOff(attempts, POSTPONED_DEBT, event.id);
  return Math.max(retryAfterOf(event), wait);
}

/** Milliseconds that the current access token still lives. */
export const millisecondsLeft = ({ context, event }: Args): number =>
  Date.parse(context.grant?.expiresAt ?? event.at) - Date.parse(event.at);

const retryAfterOf = (event: ConnectionEvent): number =>
  'failure' in event ? event.failure.retryAfterSeconds * SECOND : 0;

/** Doubling from `first` up to `most`; `failures` starts at 1. */
function backOff(failures: number, { first, most }: { first: number; most: number }, id: string): number {
  return spread(Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1))), id);
}

/** 80–120 % of `ms`, chosen by the event's id: after an outage tenants do not come back in one wave. */
function spread(ms: number, id: string): number {
  return Math.round(ms * (0.8 + 0.4 * fractionOf(id)));
}

/** 0–1, chosen by the event's id. */
function fractionOf(id: string): number {
  return (Number.parseInt(id.slice(0, 4), 16) || 0) / 0xffff;
}
