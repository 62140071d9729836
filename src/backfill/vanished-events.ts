import { sql } from 'kysely';
import type { ApiClient } from '../calendly/api.ts';
import { fetchEvent, type ScheduledEvent } from '../calendly/scheduled-events.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import { markEventGone } from '../meetings/mark-event-gone.ts';
import { timestampOf } from '../meetings/timestamp.ts';
import { recordMeetingChanges } from '../host-events/record-meeting-changes.ts';
import { noteRejection } from '../grants/stored-access-token.ts';
import type { BackfillScope, Read } from './backfill-read.ts';
import type { Progress } from './backfill-progress.ts';
import type { GrantDeps, GrantRun } from '../grants/grant-run.ts';

/** The most events that one run asks for one by one. The next run asks for more. */
const MOST_ASKED_FOR = 50;

/**
 * Reads events that are stored as active and in the future, but that a complete listing does not show, for example because another host
 * took them over. Each is asked for alone, because otherwise it would stay active for ever. If the account cannot see an event any more, or
 * does not host it, its meetings count as canceled for this tenant.
 */
export async function readVanished(
  deps: GrantDeps,
  run: GrantRun,
  {
    grant,
    accessToken,
    api,
    scope,
    progress,
  }: { grant: GrantRow; accessToken: string; api: ApiClient; scope: BackfillScope; progress: Progress },
  read: (events: readonly ScheduledEvent[]) => Promise<Read>,
): Promise<Read> {
  const { db, now } = deps;
  const accountUri = grant.account_uri ?? '';
  const from = now() > progress.windowFrom ? now() : progress.windowFrom;
  const unseen = await db
    .selectFrom('scheduled_event as event')
    .select('event.uri')
    .where('event.tenant_id', '=', run.tenantId)
    .where('event.account_uri', '=', accountUri)
    .where('event.status', '=', 'active')
    .where('event.start_time', '>', timestampOf(from))
    // An event that changed after the listing began may have been missing from its page.
    .where('event.updated_at', '<', timestampOf(progress.startedAt))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('backfill_event')
            .select(sql`1`.as('one'))
            .whereRef('backfill_event.event_uri', '=', 'event.uri')
            .where('backfill_event.tenant_id', '=', run.tenantId),
        ),
      ),
    )
    .orderBy('event.start_time')
    .limit(MOST_ASKED_FOR)
    .execute();
  for (const { uri } of unseen) {
    const answer = await fetchEvent(api, run.trace, accessToken, uri);
    await noteRejection(deps, grant, answer);
    if (answer.kind === 'failed') {
      if (answer.failure.kind === 'unauthorized' || answer.failure.code === 'rate_limited')
        return { kind: 'failed', failure: answer.failure };
      continue;
    }
    if (answer.kind === 'ok' && isHosted(answer.value, scope, accountUri)) {
      const outcome = await read([answer.value]);
      if (outcome.kind !== 'done') return outcome;
    } else if (answer.kind !== 'conflict' && !(answer.kind === 'notFound' && !answer.isCalendlys)) {
      await db.transaction().execute(async (trx) => {
        const changes = await markEventGone(trx, { tenantId: run.tenantId, accountUri }, uri);
        await recordMeetingChanges(trx, { tenantId: run.tenantId, accountUri, at: now(), source: 'backfill', changes });
      });
    }
  }
  return { kind: 'done' };
}

/** In user scope, an event with another host does not belong to this account any more. */
function isHosted(
  { event_memberships: memberships }: ScheduledEvent,
  scope: BackfillScope,
  accountUri: string,
): boolean {
  return (
    scope === 'organization' ||
    memberships === undefined ||
    memberships.length === 0 ||
    memberships.some(({ user }) => user === accountUri)
  );
}
