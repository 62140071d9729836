import type { SandboxContext } from '../context.ts';
import type { Subscription } from '../state.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { createSubscription } from './create-subscription.ts';
import { paginate, readCount, readDirection } from './pagination.ts';
import {
  isAdministrator,
  requireAdministrator,
  requireOwnOrganization,
  requireSelfOrAdministrator,
} from './permissions.ts';
import { viewSubscription } from './subscription-view.ts';
import { Validation } from './validation.ts';

/** A subscription cannot be changed or enabled again. Clients delete it and create another one. */
export function subscriptionRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.post('/webhook_subscriptions', ['webhooks:write'], (call) => createSubscription(context, call));
  routes.get('/webhook_subscriptions', ['webhooks:read'], (call) => listSubscriptions(context, call));

  routes.get('/webhook_subscriptions/:uuid', ['webhooks:read'], ({ requester, params }) => ({
    resource: viewSubscription(context, find(context, requester, params['uuid']!)),
  }));

  routes.delete('/webhook_subscriptions/:uuid', ['webhooks:write'], ({ requester, params, reply }) => {
    const subscription = find(context, requester, params['uuid']!);
    if (!context.switches.ignoreDelete) {
      subscription.deletedAt = context.clock.stamp();
      context.save();
    }
    return reply.code(204).send();
  });
}

function listSubscriptions(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const organization = validation.uri('organization', 'organizations', { required: true });
  const scope = validation.choice('scope', ['organization', 'user', 'group'], { required: true });
  const user = validation.uri('user', 'users', { required: scope === 'user' });
  const group = validation.uri('group', 'groups', { required: scope === 'group' });
  const count = readCount(validation);
  const direction = readDirection(validation, 'created_at', 'asc');
  validation.end();
  requireOwnOrganization(requester, organization!);
  if (scope === 'user') requireSelfOrAdministrator(context, requester, user!);
  else requireAdministrator(requester);
  const isListed = (hook: Subscription) =>
    hook.deletedAt === null &&
    hook.organization === organization &&
    hook.scope === scope &&
    (scope !== 'user' || hook.user === user) &&
    (scope !== 'group' || hook.group === group) &&
    Date.parse(hook.createdAt) <= context.clock.nowMs() - context.switches.listLagSeconds * 1000;
  return paginate(context, context.state.subscriptions.filter(isListed), {
    path: '/webhook_subscriptions',
    query,
    count,
    direction,
    keyOf: (hook) => hook.createdAt,
    idOf: (hook) => hook.uuid,
    show: (hook) => viewSubscription(context, hook),
  });
}

function find(context: SandboxContext, requester: Requester, uuid: string): Subscription {
  const subscription = context.state.subscriptions.find((hook) => hook.uuid === uuid && hook.deletedAt === null);
  if (!subscription) throw notFound();
  const own = [subscription.creator, subscription.user].includes(requester.account.uuid);
  const governed = isAdministrator(requester) && subscription.organization === requester.account.organization;
  if (!own && !governed) throw permissionDenied();
  return subscription;
}
