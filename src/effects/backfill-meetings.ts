import type { Failure } from '../../machines/connection/index.ts';
import type { ApiAnswer } from '../calendly/api.ts';
import { fetchEventPage, type EventPage } from '../calendly/scheduled-events.ts';
import type { GrantRow } from '../credentials/grants.ts';
import { noteRejection, storedAccessToken } from './access-token.ts';
import { backfillEvent, unreadable } from './backfill-event.ts';
import { finishBackfill, openBackfill } from './backfill-progress.ts';
import type { EffectDeps, EffectImplementation } from './effect.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Fetches the account's meetings, active and canceled, and merges them with what is stored.
 * Second run: goes on after the last event that was merged; merging one twice changes nothing.
 */
export const backfillMeetings: EffectImplementation<'backfillMeetings'> = async (deps, run, { grantId, run: backfillRun, reason }) => {
  const failed = (failure: Failure) => ({ event: { type: 'backfill.failed', run: backfillRun, failure } as const });
  const stored = await storedAccessToken(deps, grantId);
  // Said nevertheless: a run of which nothing more is heard would keep polls from beginning.
  if (stored.kind === 'unusable') return failed({ ...stored.problem, kind: 'transient', certain: true, retryAfterSeconds: 0 });
  if (stored.kind === 'failed') return failed(stored.failure);
  const { grant, accessToken } = stored;
  const windowFrom = new Date(deps.now().getTime() - deps.backfillPastDays * DAY_MS);
  const progress = await openBackfill(deps, { tenantId: run.tenantId, run: backfillRun, grantId, reason, windowFrom });
  if (progress === 'superseded') return { event: null };
  const minStartTime = progress.position ?? progress.windowFrom.toISOString();

  for (let pageToken: string | null = null; ;) {
    const page: ApiAnswer<EventPage> = await fetchEventPage(deps.api, run.trace, accessToken, { whose: whose(deps, grant), minStartTime, pageToken });
    await noteRejection(deps, grant, page);
    if (page.kind !== 'ok') return failed(unreadable(page));
    for (const event of page.value.collection) {
      const step = await backfillEvent(deps, run, { grant, accessToken, event, backfillRun, reason });
      if (step.kind === 'superseded') return { event: null };
      if (step.kind === 'failed') return failed(step.failure);
      // Long work leaves room for short work: it goes on when the limit is fresh again.
      if (step.pauseSeconds > 0) return { postponeUntil: new Date(deps.now().getTime() + step.pauseSeconds * 1000) };
    }
    pageToken = page.value.pagination?.next_page_token ?? null;
    if (pageToken === null) break;
  }
  return {
    event: async (trx) => ({ type: 'backfill.completed', run: backfillRun, ...(await finishBackfill(trx, deps, run.tenantId, backfillRun)) }),
  };
};

function whose({ webhooks }: EffectDeps, { account_uri, organization_uri }: GrantRow): Record<string, string> {
  return webhooks.scope === 'organization' && webhooks.fallback === null
    ? { organization: organization_uri ?? '' } : { user: account_uri ?? '' };
}
