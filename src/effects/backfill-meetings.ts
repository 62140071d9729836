import type { Failure } from '../../machines/connection/index.ts';
import type { ApiAnswer } from '../calendly/api.ts';
import { fetchEventPage, fetchInviteePage, type EventPage } from '../calendly/scheduled-events.ts';
import type { GrantRow } from '../credentials/grants.ts';
import { applyObservation } from '../meetings/apply-observation.ts';
import { parsePageItem } from '../meetings/parse-page-item.ts';
import type { Perspective } from '../meetings/perspective.ts';
import { timestampOf } from '../meetings/timestamp.ts';
import { noteRejection, storedAccessToken } from './access-token.ts';
import type { EffectDeps, EffectImplementation, EffectRun } from './effect.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Fetches the account's meetings and merges them with what is stored.
 * Second run: fetches again from the start; merging the same twice changes nothing.
 */
export const backfillMeetings: EffectImplementation<'backfillMeetings'> = async (deps, run, { grantId, run: backfillRun }) => {
  const failed = (failure: Failure) => ({ event: { type: 'backfill.failed', run: backfillRun, failure } as const });
  const stored = await storedAccessToken(deps, grantId);
  if (stored.kind === 'unusable') return { event: null };
  if (stored.kind === 'failed') return failed(stored.failure);
  const { grant, accessToken } = stored;
  const counts = { meetings: 0, recovered: 0 };
  const source = (await isPolling(deps, run.tenantId)) ? 'polling' : 'backfill';
  const minStartTime = new Date(deps.now().getTime() - deps.backfillPastDays * DAY_MS).toISOString();

  for (let pageToken: string | null = null; ;) {
    const page: ApiAnswer<EventPage> = await fetchEventPage(deps.api, run.trace, accessToken, { whose: whose(deps, grant), minStartTime, pageToken });
    await noteRejection(deps, grant, page);
    if (page.kind !== 'ok') return failed(failureOf(page));
    for (const event of page.value.collection) {
      const failure = await backfillEvent(deps, run, { grant, accessToken, event, source, counts });
      if (failure === 'disconnected') return { event: null };
      if (failure !== null) return failed(failure);
    }
    pageToken = page.value.pagination?.next_page_token ?? null;
    if (pageToken === null) break;
  }
  return { event: { type: 'backfill.completed', run: backfillRun, ...counts } };
};

function whose({ webhooks }: EffectDeps, { account_uri, organization_uri }: GrantRow): Record<string, string> {
  return webhooks.scope === 'organization' ? { organization: organization_uri ?? '' } : { user: account_uri ?? '' };
}

async function isPolling({ db }: EffectDeps, tenantId: string): Promise<boolean> {
  const row = await db.selectFrom('connection').select('substate').where('tenant_id', '=', tenantId).executeTakeFirst();
  return row?.substate === 'polling';
}

async function backfillEvent(deps: EffectDeps, run: EffectRun, { grant, accessToken, event, source, counts }:
  { grant: GrantRow; accessToken: string; event: { uri: string }; source: Perspective['source']; counts: { meetings: number; recovered: number } }):
  Promise<Failure | 'disconnected' | null> {
  const accountUri = grant.account_uri ?? '';
  for (let pageToken: string | null = null; ;) {
    const requestedAt = deps.now();
    const page: ApiAnswer<EventPage> = await fetchInviteePage(deps.api, run.trace, accessToken, { eventUri: event.uri, pageToken });
    await noteRejection(deps, grant, page);
    // An event that is gone by now has no invitees to miss.
    if (page.kind === 'notFound') return null;
    if (page.kind !== 'ok') return failureOf(page);
    const perspective = { source, receivedAt: timestampOf(deps.now()), requestedAt };
    const connected = await deps.db.transaction().execute(async (trx) => {
      const current = await trx.selectFrom('connection').select('tenant_id').where('tenant_id', '=', run.tenantId)
        .where('account_uri', '=', accountUri).forKeyShare().executeTakeFirst();
      if (current === undefined) return false;
      for (const invitee of page.value.collection) {
        const observation = parsePageItem(event, invitee, perspective);
        if (observation === null) continue;
        const applied = await applyObservation(trx, run.tenantId, accountUri, observation);
        counts.meetings++;
        if (applied.changed) counts.recovered++;
      }
      return true;
    });
    if (!connected) return 'disconnected';
    pageToken = page.value.pagination?.next_page_token ?? null;
    if (pageToken === null) return null;
  }
}

function failureOf(answer: Exclude<ApiAnswer<unknown>, { kind: 'ok' }>): Failure {
  if (answer.kind === 'failed') return answer.failure;
  const message = 'Calendly does not let this grant read the scheduled events.';
  return { kind: 'invalid', code: 'events_not_readable', message, exchangeId: answer.exchangeId, certain: true, retryAfterSeconds: 0 };
}
