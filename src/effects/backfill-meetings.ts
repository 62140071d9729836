import type { Failure } from '../../machines/connection/index.ts';
import type { ApiAnswer } from '../calendly/api.ts';
import { fetchEvent, fetchEventPage, type EventPage } from '../calendly/scheduled-events.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import { storedAccessToken, noteRejection } from '../grants/stored-access-token.ts';
import { backfillEvent, unreadable, type BackfillStep, type EventToRead } from '../backfill/backfill-event.ts';
import {
  doneAmong,
  finishBackfill,
  noteSkipped,
  noteStalled,
  openBackfill,
  type Progress,
} from '../backfill/backfill-progress.ts';
import type { BackfillScope, Read } from '../backfill/backfill-read.ts';
import type { EffectDeps, EffectImplementation, EffectRun } from './effect.ts';
import {
  countUnreadable,
  forgetUnreadable,
  listUnreadable,
  noteUnreadable,
  putOffAmong,
} from '../backfill/unreadable-events.ts';
import { readVanished } from '../backfill/vanished-events.ts';
import type { WantedWebhooks } from '../tenant-settings/effective-settings.ts';
import { settingsOf } from '../tenant-settings/settings-of.ts';

/** A job reads at most this many events, for at most this time. Then the next job of the same run goes on, after other jobs that wait. */
const EVENTS_PER_JOB = 25;
const MS_PER_JOB = 60_000;
/** Several events begin at the same time, and Calendly may leave out those that begin exactly at the time that was asked for. */
const OVERLAP_MS = 1_000;
/** If this many events in a row cannot be read, the cause is not in the events. */
const MOST_IN_A_ROW = 3;
/** How often a run waits for Calendly to recover before it concludes that Calendly cannot show this one event. */
const MOST_STALLED = 2;

/**
 * Reads the account's meetings, active and canceled, and merges them with what is stored. Second run: goes on a little before the last
 * event that was read, and skips the events that it has finished. Merging one twice changes nothing.
 */
export const backfillMeetings: EffectImplementation<'backfillMeetings'> = async (
  deps,
  run,
  { grantId, run: backfillRun, reason },
) => {
  const failed = (failure: Failure) => ({ event: { type: 'backfill.failed', run: backfillRun, failure } as const });
  const stored = await storedAccessToken(deps, grantId);
  // Report it all the same: without an answer, the machine would wait for this run and start no poll.
  if (stored.kind === 'unusable')
    return failed({ ...stored.problem, kind: 'transient', certain: true, retryAfterSeconds: 0 });
  if (stored.kind === 'failed') return failed(stored.failure);
  const { grant, accessToken, api } = stored;
  const { backfillPastDays, webhooks } = await settingsOf(deps, run.tenantId);
  const progress = await openBackfill(deps, {
    tenantId: run.tenantId,
    run: backfillRun,
    grantId,
    reason,
    pastDays: backfillPastDays,
  });
  if (progress === 'superseded') return { event: null };

  const read = createReader(deps, run, { grant, accessToken, api, backfillRun, reason }, progress);
  const outcome =
    reason === 'skipped'
      ? await readSkippedAgain(deps, run, { grant, accessToken, api }, read)
      : await readWindow(deps, run, { grant, accessToken, api, webhooks, progress }, read);
  switch (outcome.kind) {
    case 'superseded':
      return { event: null };
    case 'failed':
      return failed(outcome.failure);
    case 'pause':
      return { postponeUntil: new Date(deps.now().getTime() + outcome.seconds * 1000) };
    case 'done':
      return {
        event: async (trx) => ({
          type: 'backfill.completed',
          run: backfillRun,
          ...(await finishBackfill(trx, deps, { tenantId: run.tenantId, run: backfillRun })),
          skipped: await countUnreadable(trx, { tenantId: run.tenantId, accountUri: grant.account_uri ?? '' }),
        }),
      };
  }
};

type Access = Pick<BackfillStep, 'grant' | 'accessToken' | 'api'>;

interface Reader {
  /** Reads the invitees of these events, and leaves out events that cannot be shown. It stops when the job has read its share. */
  (events: readonly EventToRead[]): Promise<Read>;
  /** Decides whether the last events could not be read because of themselves. */
  end(): Promise<Read>;
}

/**
 * One event that Calendly cannot show must not hide the events after it. And while Calendly is down, no event may be taken for one that
 * cannot be shown. So a failure counts as the event's own only if another event could be read, or after a few runs at the same place.
 */
function createReader(deps: EffectDeps, run: EffectRun, step: Omit<BackfillStep, 'event'>, progress: Progress): Reader {
  const { grant, backfillRun } = step;
  const thisRun = { tenantId: run.tenantId, run: backfillRun };
  const owner = { tenantId: run.tenantId, accountUri: grant.account_uri ?? '' };
  const endAt = performance.now() + MS_PER_JOB;
  let left = EVENTS_PER_JOB;
  let hasReadOne = progress.stalled >= MOST_STALLED || step.reason === 'skipped';
  let inDoubt: { event: EventToRead; failure: Failure }[] = [];

  const leaveOut = async (): Promise<void> => {
    for (const { event, failure } of inDoubt) {
      await noteUnreadable(deps, owner, event.uri, failure);
      await noteSkipped(deps, thisRun, { uri: event.uri, startTime: event.start_time ?? null });
    }
    inDoubt = [];
  };
  const stall = async (failure: Failure): Promise<Read> => {
    await noteStalled(deps, thisRun);
    return { kind: 'failed', failure };
  };

  const read = async (events: readonly EventToRead[]): Promise<Read> => {
    const uris = events.map((event) => event.uri);
    const done = await doneAmong(deps.db, thisRun, uris);
    const putOff = await putOffAmong(deps, owner, uris);
    for (const event of events) {
      if (done.has(event.uri)) continue;
      if (putOff.has(event.uri)) {
        await noteSkipped(deps, thisRun, { uri: event.uri, startTime: event.start_time ?? null });
        continue;
      }
      if (left-- <= 0 || performance.now() > endAt) return { kind: 'pause', seconds: 0 };
      const answer = await backfillEvent(deps, run, { ...step, event });
      if (answer.kind === 'superseded') return answer;
      if (answer.kind === 'failed') {
        if (!isOfOneEvent(answer.failure)) return answer;
        inDoubt.push({ event, failure: answer.failure });
        if (hasReadOne) await leaveOut();
        else if (inDoubt.length >= MOST_IN_A_ROW) return stall(answer.failure);
        continue;
      }
      hasReadOne = true;
      await leaveOut();
      await forgetUnreadable(deps.db, owner, event.uri);
      // A back-fill leaves the rest of the rate limit to other calls and goes on when the limit is reset.
      if (answer.pauseSeconds > 0) return { kind: 'pause', seconds: answer.pauseSeconds };
    }
    return { kind: 'done' };
  };
  return Object.assign(read, {
    end: async (): Promise<Read> => (inDoubt.length > 0 ? stall(inDoubt[0]!.failure) : { kind: 'done' }),
  });
}

/** A refused token, a rate limit or a broken network concerns every call, not this event. */
const isOfOneEvent = ({ kind, code }: Failure): boolean =>
  kind !== 'unauthorized' && code !== 'rate_limited' && code !== 'calendly_unreachable';

async function readWindow(
  deps: EffectDeps,
  run: EffectRun,
  { grant, accessToken, api, webhooks, progress }: Access & { webhooks: WantedWebhooks; progress: Progress },
  read: Reader,
): Promise<Read> {
  const minStartTime =
    progress.position === null
      ? progress.windowFrom.toISOString()
      : new Date(Date.parse(progress.position) - OVERLAP_MS).toISOString();
  const scope = await scopeOf(deps, webhooks, run.tenantId);
  for (let pageToken: string | null = null; ;) {
    const page: ApiAnswer<EventPage> = await fetchEventPage(api, run.trace, accessToken, {
      whose: whose(scope, grant),
      minStartTime,
      pageToken,
    });
    await noteRejection(deps, grant, page);
    if (page.kind !== 'ok') return { kind: 'failed', failure: unreadable(page) };
    const outcome = await read(page.value.collection);
    if (outcome.kind !== 'done') return outcome;
    pageToken = page.value.pagination?.next_page_token ?? null;
    if (pageToken === null) break;
  }
  const ended = await read.end();
  return ended.kind === 'done' ? readVanished(deps, run, { grant, accessToken, api, scope, progress }, read) : ended;
}

async function readSkippedAgain(
  deps: EffectDeps,
  run: EffectRun,
  { grant, accessToken, api }: Access,
  read: Reader,
): Promise<Read> {
  const owner = { tenantId: run.tenantId, accountUri: grant.account_uri ?? '' };
  for (const uri of await listUnreadable(deps, owner)) {
    const answer = await fetchEvent(api, run.trace, accessToken, uri);
    await noteRejection(deps, grant, answer);
    if (answer.kind === 'notFound') {
      await forgetUnreadable(deps.db, owner, uri);
      continue;
    }
    if (answer.kind !== 'ok') {
      const failure = unreadable(answer);
      if (!isOfOneEvent(failure)) return { kind: 'failed', failure };
      await noteUnreadable(deps, owner, uri, failure);
      continue;
    }
    const outcome = await read([answer.value]);
    if (outcome.kind !== 'done') return outcome;
  }
  return read.end();
}

/** What the live webhook covers; without one, what the settings ask for. */
async function scopeOf({ db }: EffectDeps, webhooks: WantedWebhooks, tenantId: string): Promise<BackfillScope> {
  const live = await db
    .selectFrom('subscription')
    .select('scope')
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'live')
    .executeTakeFirst();
  if (live !== undefined) return live.scope === 'organization' ? 'organization' : 'user';
  return webhooks.scope === 'organization' && webhooks.fallback === null ? 'organization' : 'user';
}

function whose(scope: BackfillScope, { account_uri, organization_uri }: GrantRow): Record<string, string> {
  return scope === 'organization' ? { organization: organization_uri ?? '' } : { user: account_uri ?? '' };
}
