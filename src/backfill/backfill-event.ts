import type { Failure } from '../../machines/connection/index.ts';
import type { ApiAnswer, ApiClient } from '../calendly/api.ts';
import { fetchInviteePage, type EventPage } from '../calendly/scheduled-events.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import { recordMeetingChanges } from '../host-events/record-meeting-changes.ts';
import { applyObservations } from '../meetings/apply-observations.ts';
import { observePageItem } from '../meetings/observe.ts';
import { timestampOf } from '../meetings/timestamp.ts';
import { noteRejection } from '../grants/stored-access-token.ts';
import { holdRun, noteProgress, type BackfillReason } from './backfill-progress.ts';
import type { GrantDeps, GrantRun } from '../grants/grant-run.ts';

/** A scheduled event of a listing. Of an event that is read again alone, perhaps only the URI is known. */
export type EventToRead = EventPage['collection'][number];

export interface BackfillStep {
  grant: GrantRow;
  accessToken: string;
  api: ApiClient;
  event: EventToRead;
  backfillRun: number;
  reason: BackfillReason;
}

/** Merges all invitees of one event. Each page is stored in one transaction, together with the progress of the run. */
export async function backfillEvent(
  deps: GrantDeps,
  run: GrantRun,
  { grant, accessToken, api, event, backfillRun, reason }: BackfillStep,
): Promise<{ kind: 'done'; pauseSeconds: number } | { kind: 'superseded' } | { kind: 'failed'; failure: Failure }> {
  const accountUri = grant.account_uri ?? '';
  let hidden = 0;
  for (let pageToken: string | null = null; ;) {
    const requestedAt = deps.now();
    const page: ApiAnswer<EventPage> = await fetchInviteePage(api, run.trace, accessToken, {
      eventUri: event.uri,
      pageToken,
    });
    await noteRejection(deps, grant, page);
    // The event no longer exists, so there are no invitees to read.
    if (page.kind === 'notFound') {
      await deps.db.transaction().execute((trx) =>
        noteProgress(trx, deps, {
          tenantId: run.tenantId,
          run: backfillRun,
          meetings: 0,
          recovered: 0,
          event: { uri: event.uri, startTime: event.start_time ?? null },
        }),
      );
      return { kind: 'done', pauseSeconds: 0 };
    }
    if (page.kind !== 'ok') return { kind: 'failed', failure: unreadable(page) };
    hidden += page.value.unreadable;
    pageToken = page.value.pagination?.next_page_token ?? null;
    const isLast = pageToken === null;
    const source = reason === 'poll' ? 'polling' : 'backfill';
    const receivedAt = deps.now();
    const perspective = { source, receivedAt: timestampOf(receivedAt), requestedAt } as const;
    const current = await deps.db.transaction().execute(async (trx) => {
      if (!(await holdRun(trx, { tenantId: run.tenantId, run: backfillRun }, accountUri))) return false;
      const observations = page.value.collection
        .map((invitee) => observePageItem(event, invitee, perspective))
        .filter((each) => each !== null);
      const { results, changes } = await applyObservations(trx, { tenantId: run.tenantId, accountUri }, observations);
      const meetings = results.length;
      const changed = results.filter((each) => each.changed).length;
      await recordMeetingChanges(trx, { tenantId: run.tenantId, accountUri, at: receivedAt, source, changes });
      // Meetings of a first back-fill or of a poll are not counted as missed.
      const recovered = reason === 'first' || reason === 'poll' ? 0 : changed;
      await noteProgress(trx, deps, {
        tenantId: run.tenantId,
        run: backfillRun,
        meetings,
        recovered,
        event: isLast && hidden === 0 ? { uri: event.uri, startTime: event.start_time ?? null } : null,
      });
      return true;
    });
    if (!current) return { kind: 'superseded' };
    if (isLast && hidden > 0) return { kind: 'failed', failure: inviteeUnreadable(page.exchangeId) };
    if (isLast) return { kind: 'done', pauseSeconds: page.pauseSeconds };
  }
}

/** The other invitees are merged. The event is tried again until all of its invitees can be read. */
const inviteeUnreadable = (exchangeId: string): Failure => ({
  kind: 'transient',
  code: 'invitee_unreadable',
  message: 'Calendly shows an invitee without an identity.',
  exchangeId,
  certain: true,
  retryAfterSeconds: 0,
});

export function unreadable(answer: Exclude<ApiAnswer<unknown>, { kind: 'ok' }>): Failure {
  if (answer.kind === 'failed') return answer.failure;
  const message = 'Calendly does not let this grant read the scheduled events.';
  return {
    kind: 'invalid',
    code: 'events_not_readable',
    message,
    exchangeId: answer.exchangeId,
    certain: true,
    retryAfterSeconds: 0,
  };
}
