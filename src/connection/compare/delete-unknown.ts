import { deleteWebhookSubscription, listWebhookSubscriptions } from '../../calendly/webhook-subscriptions.ts';
import { appendRemark } from '../dispatch/append-history.ts';
import { ProblemError } from '../../errors.ts';
import type { CompareDeps } from './compare-deps.ts';
import { tokenOf } from './ask-calendly.ts';
import { isBelow } from './compare.ts';
import { readSubscriptions } from './read-subscriptions.ts';

/**
 * Deletes a subscription below our PUBLIC_URL that has no row here (after a database was restored, for example), because a person asked for
 * it. Looks again first: if it has a row meanwhile, or its URL is not ours, it stays. A note in the history names the person.
 */
export async function deleteUnknown(deps: CompareDeps, tenantId: string, uri: string, operator: string): Promise<void> {
  const token = await tokenOf(deps, tenantId);
  if ('reason' in token) throw new ProblemError('event_not_accepted', token.reason);
  const { grant, accessToken, api } = token;
  const trace = { tenantId, effectId: null, effect: 'inspect', attempt: 1 };
  for (const scope of ['user', 'organization']) {
    const answer = await listWebhookSubscriptions(api, trace, accessToken, {
      organization: grant.organization_uri ?? '',
      user: grant.account_uri ?? '',
      scope,
    });
    const found = answer.kind === 'ok' ? answer.value.find((each) => each.uri === uri) : undefined;
    if (found === undefined) continue;
    const rows = await readSubscriptions(deps.db, tenantId, [found.callback_url]);
    if (!isBelow(found.callback_url, deps.publicUrl) || rows.some((row) => row.callback_url === found.callback_url)) {
      throw new ProblemError('event_not_accepted', 'This subscription is known here, so it is not deleted.');
    }
    const deleted = await deleteWebhookSubscription(api, trace, accessToken, uri);
    if (deleted.kind !== 'ok' && deleted.kind !== 'notFound')
      throw new ProblemError('event_not_accepted', 'Calendly did not delete it. Read the exchanges.');
    await deps.db.transaction().execute((trx) =>
      appendRemark(trx, {
        tenantId,
        at: deps.now(),
        cause: { kind: 'operator', name: operator, route: 'delete-unknown' },
        note: `Deleted the unknown subscription ${uri} (${found.callback_url}).`,
      }),
    );
    return;
  }
  throw new ProblemError('not_found', 'Calendly does not list this subscription, or not any more.');
}
