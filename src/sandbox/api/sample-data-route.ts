import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import { uriOf } from '../uris.ts';
import { webhookEvents } from '../webhook-events.ts';
import type { ApiRoutes } from './api-routes.ts';
import { requireOwnOrganization } from './permissions.ts';
import { samplePayload } from './sample-payload.ts';
import { Validation } from './validation.ts';

/** What a delivery of this event would look like: a bare envelope, without `resource` around it. */
export function sampleDataRoute(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/sample_webhook_data', ['webhooks:read'], ({ requester, query }) => {
    const validation = new Validation(query);
    const event = validation.choice('event', Object.keys(webhookEvents), { required: true });
    const organization = validation.uri('organization', 'organizations', { required: true });
    const scope = validation.choice('scope', ['organization', 'user', 'group'], { required: true });
    validation.uri('user', 'users', { required: scope === 'user' });
    validation.uri('group', 'groups', { required: scope === 'group' });
    validation.end();
    requireOwnOrganization(requester, organization!);
    const second = Math.floor(context.clock.nowMs() / 1000) * 1000;
    return {
      created_at: stampOf(second),
      created_by: uriOf(context, 'users', requester.account.uuid),
      event,
      payload: samplePayload(context, requester.account, event!),
    };
  });
}
