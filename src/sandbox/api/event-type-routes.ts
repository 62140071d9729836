import type { SandboxContext } from '../context.ts';
import { permissionDenied } from './api-error.ts';
import type { ApiRoutes } from './api-routes.ts';
import { viewEventType } from './event-type-view.ts';
import { paginate, readCount } from './pagination.ts';
import { requireOwnOrganization } from './permissions.ts';
import { Validation } from './validation.ts';

/** Only as much as `POST /invitees` needs: which event type to book. */
export function eventTypeRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/event_types', ['event_types:read'], ({ requester, query }) => {
    const validation = new Validation(query);
    const organization = validation.uri('organization', 'organizations');
    const user = validation.uri('user', 'users', { required: query['organization'] === undefined });
    const count = readCount(validation);
    validation.end();
    if (organization !== undefined) requireOwnOrganization(requester, organization);
    const owners = context.state.accounts.filter(
      (account) =>
        account.organization === requester.account.organization && (user === undefined || account.uuid === user),
    );
    if (user !== undefined && owners.length === 0) throw permissionDenied('This user is not in your organization');
    return paginate(context, owners, {
      path: '/event_types',
      query,
      count,
      direction: 'asc',
      keyOf: (account) => account.createdAt,
      idOf: (account) => account.eventType,
      show: (account) => viewEventType(context, account),
    });
  });
}
