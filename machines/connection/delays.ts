import type { Debt } from './context.ts';
import type { Args, ConnectionEvent } from './events.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long a step waits for its answer. The slowest call takes 60 s; a refresh without an answer takes another 90 s to resolve. */
export const STEP_DEADLINE = 150 * SECOND;
/** How long the first try of deletions may delay `connected`. */
const RETIRING_DEADLINE = 5 * SECOND;
const CONFIRMATION_DEADLINE = 15 * MINUTE;
/** A create call may take 30 s. A listing made 30 s later shows whether it was carried out. */
const CREATE_DOUBT = 60 * SECOND;
/** How long before its end an access token is refreshed. A refresh without an answer takes 90 s to resolve; the token outlives that. */
export const REFRESH_AHEAD = 20 * MINUTE;
/** A refresh that starts this long before the token's end can still finish in time. */
const LAST_TRY_AHEAD = 90 * SECOND;
/** Keeps Calendly's limit of 8 tokens a minute, even if tokens live very shortly or a timer comes late. */
const LEAST_REFRESH_INTERVAL = 10 * SECOND;
/** For events that do not bring the deployment's own value, which is the setting `REFRESH_RECENT_SECONDS`. */
export const DEFAULT_RECENT_REFRESH = 5 * MINUTE;
/** A refused token or a wrong setting is often corrected within minutes, so the first check comes soon. Later ones are hourly. */
const RECHECK = { first: MINUTE, most: HOUR };
/** Gives four tries in the 20 minutes before the token's end, then four an hour. */
const REFRESH_RETRY = { first: 30 * SECOND, most: 15 * MINUTE };
/** Calendly forbids the deletion. An administrator may change that within minutes. */
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
   * Between one and two times `REFRESH_AHEAD` before the end, or at half of the life that is left if that is shorter. The spread
   * parts tenants who were refreshed together after an outage.
   */
  untilRefresh: ({ context, event }: Args) => {
    const left = millisecondsLeft({ context, event });
    const ahead = Math.min(REFRESH_AHEAD * (1 + fractionOf(event.id)), left / 2);
    return Math.max(LEAST_REFRESH_INTERVAL, left - ahead);
  },
  /** The last try comes before the token's end, unless `Retry-After` asks for a longer wait. */
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

/** A debt without any try is a create without an answer: it waits until a listing can show the outcome. */
export function untilDebtRetry(
  { attempts, refusals }: Pick<Debt, 'attempts' | 'refusals'>,
  event: ConnectionEvent,
): number {
  if (attempts === 0) return CREATE_DOUBT;
  const wait = refusals > 0 ? backOff(refusals, REFUSED_DEBT, event.id) : backOff(attempts, POSTPONED_DEBT, event.id);
  return Math.max(retryAfterOf(event), wait);
}

/** How long the current access token still lives, in milliseconds. */
export const millisecondsLeft = ({ context, event }: Args): number =>
  Date.parse(context.grant?.expiresAt ?? event.at) - Date.parse(event.at);

const retryAfterOf = (event: ConnectionEvent): number =>
  'failure' in event ? event.failure.retryAfterSeconds * SECOND : 0;

/** Doubling from `first` up to `most`; `failures` starts at 1. */
function backOff(failures: number, { first, most }: { first: number; most: number }, id: string): number {
  return spread(Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1))), id);
}

/** 80–120 % of `ms`, chosen by the event's id, so that tenants do not all come back at the same time after an outage. */
function spread(ms: number, id: string): number {
  return Math.round(ms * (0.8 + 0.4 * fractionOf(id)));
}

/** A number from 0 to 1, computed from the event's id. */
function fractionOf(id: string): number {
  return (Number.parseInt(id.slice(0, 4), 16) || 0) / 0xffff;
}
