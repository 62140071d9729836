import { randomUUID } from 'node:crypto';
import type { SandboxContext } from '../context.ts';
import type { Subscription, SubscriptionScope } from '../state.ts';
import { webhookEvents } from '../webhook-events.ts';
import { alreadyExists, insufficientScope, invalidArgument, notFound, permissionDenied } from './api-error.ts';
import type { ApiCall } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { requireAdministrator, requireOwnOrganization, requireSelfOrAdministrator } from './permissions.ts';
import { hasScope } from './scopes.ts';
import { conflicts } from './subscription-conflict.ts';
import { viewSubscription } from './subscription-view.ts';
import { Validation } from './validation.ts';

type Wanted = Pick<Subscription, 'url' | 'events' | 'scope' | 'organization' | 'user' | 'group' | 'signingKey'>;

/** `POST /webhook_subscriptions`. Checks the parameters, then the scopes of the events, the rights, the plan, and conflicts. */
export function createSubscription(context: SandboxContext, { requester, request, reply }: ApiCall): object {
  const wanted = readWanted(context, request.body);
  const eventScopes = wanted.events.map((event) => webhookEvents[event]!.tokenScope);
  requireEventScopes(context, requester, [...new Set([...eventScopes, 'webhooks:write'])]);
  requireRights(context, requester, wanted);
  if (requester.organization.stage === 'free' && !isOnFreePlan(context, wanted.events)) {
    throw permissionDenied('Please upgrade to a paid Calendly account.');
  }
  if (conflicts(context, wanted)) throw alreadyExists();
  const at = context.clock.stamp();
  const subscription: Subscription = {
    ...wanted,
    uuid: randomUUID(),
    clientId: requester.clientId,
    creator: requester.account.uuid,
    state: 'active',
    createdAt: at,
    updatedAt: at,
    retryStartedAt: null,
    lastSuccessAt: null,
    deletedAt: null,
  };
  context.state.subscriptions.push(subscription);
  context.save();
  const resource = viewSubscription(context, subscription);
  reply.code(201).header('location', resource.uri);
  return { resource };
}

function readWanted(context: SandboxContext, body: unknown): Wanted {
  const validation = new Validation(body);
  const url = validation.string('url', { required: true });
  const events = [...new Set(validation.stringList('events'))];
  const organization = validation.uri('organization', 'organizations', { required: true });
  const scope = validation.choice('scope', ['organization', 'user', 'group'], { required: true });
  const user = validation.uri('user', 'users', { required: scope === 'user' });
  const group = validation.uri('group', 'groups', { required: scope === 'group' });
  const signingKey = validation.string('signing_key') ?? null;
  if (url !== undefined && !isCallback(context, url)) validation.refuse('url', 'is in invalid format');
  checkEvents(validation, events, scope);
  validation.end();
  return {
    url: url!,
    events,
    scope: scope!,
    organization: organization!,
    user: scope === 'user' ? user! : null,
    group: scope === 'group' ? group! : null,
    signingKey,
  };
}

function isCallback(context: SandboxContext, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && !context.switches.requireHttpsCallback);
}

function checkEvents(validation: Validation, events: string[], scope: SubscriptionScope | undefined): void {
  if (!events.every((event) => Object.hasOwn(webhookEvents, event))) {
    validation.refuse('events', `must be one of: ${Object.keys(webhookEvents).join(', ')}`);
    return;
  }
  if (scope === undefined) return;
  const misplaced = events.filter((event) => !webhookEvents[event]!.subscriptionScopes.includes(scope));
  if (misplaced.length > 0) validation.refuse('scope', `must not be ${scope} for: ${misplaced.join(', ')}`);
}

/** According to one source, a scope that was taken away at the consent is answered like a wrong parameter. So this is a switch. */
function requireEventScopes(context: SandboxContext, requester: Requester, required: string[]): void {
  if (required.every((scope) => hasScope(requester.scopes, scope))) return;
  throw context.switches.missingScopeStatus === 400 ? invalidArgument([]) : insufficientScope(required);
}

function isOnFreePlan(context: SandboxContext, events: readonly string[]): boolean {
  return context.switches.webhooksOnFreePlan && events.every((event) => !webhookEvents[event]!.needsPaidPlan);
}

function requireRights(context: SandboxContext, requester: Requester, wanted: Wanted): void {
  requireOwnOrganization(requester, wanted.organization);
  if (wanted.user !== null) requireSelfOrAdministrator(context, requester, wanted.user);
  else requireAdministrator(requester);
  if (wanted.group !== null && wanted.group !== requester.organization.group) throw notFound();
}
