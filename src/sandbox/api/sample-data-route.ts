import type { SandboxContext } from '../context.ts';
import { uriOf } from '../uris.ts';
import { webhookEvents } from '../webhook-events.ts';
import type { ApiRoutes } from './api-routes.ts';
import { requireOwnOrganization, requireSelfOrAdministrator } from './permissions.ts';
import { samplePayload } from './sample-payload.ts';
import { Validation } from './validation.ts';

/** What a delivery of this event would look like: only the envelope, without `resource` around it. */
export function sampleDataRoute(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/sample_webhook_data', ['webhooks:read'], ({ requester, query }) => {
    const validation = new Validation(query);
    const event = validation.choice('event', Object.keys(webhookEvents), { required: true });
    const organization = validation.uri('organization', 'organizations', { required: true });
    const scope = validation.choice('scope', ['organization', 'user', 'group'], { required: true });
    const user = validation.uri('user', 'users', { required: scope === 'user' });
    validation.uri('group', 'groups', { required: scope === 'group' });
    validation.end();
    requireOwnOrganization(requester, organization!);
    const host = user === undefined ? requester.account : requireSelfOrAdministrator(context, requester, user);
    return {
      // It was recorded with microseconds, which the envelope of a real delivery does not have.
      created_at: context.clock.stamp(),
      created_by: uriOf(context, 'users', requester.account.uuid),
      event,
      payload: samplePayload(context, host, event!),
    };
  });
}
