import { randomUUID } from 'node:crypto';
import { organizationOf, requireAccount } from '../accounts.ts';
import { viewSubscription } from '../api/subscription-view.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from './control-error.ts';
import type { Controls, ForeignSubscription, SandboxSubscription } from './controls.ts';
import { disable } from '../deliveries/record-attempt.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Subscription } from '../state.ts';
import { uuidIn } from '../uris.ts';

type SubscriptionControls = Pick<
  Controls,
  'subscriptions' | 'createSubscription' | 'disableSubscription' | 'deleteSubscription'
>;

export function subscriptionControls(context: SandboxContext): SubscriptionControls {
  return {
    subscriptions: ({ account, includeDeleted = false } = {}) => {
      const creator = account === undefined ? null : requireAccount(context, account).uuid;
      return context.state.subscriptions
        .filter((hook) => includeDeleted || hook.deletedAt === null)
        .filter((hook) => creator === null || hook.creator === creator)
        .map((hook) => viewTruth(context, hook));
    },
    createSubscription: (input) => {
      const subscription = foreignSubscription(context, input);
      context.state.subscriptions.push(subscription);
      context.save();
      return viewTruth(context, subscription);
    },
    disableSubscription: (name) => {
      const subscription = find(context, name);
      subscription.retryStartedAt ??= context.clock.stamp();
      disable(context, subscription);
      context.save();
    },
    deleteSubscription: (name) => {
      find(context, name).deletedAt = context.clock.stamp();
      context.save();
    },
  };
}

function find(context: SandboxContext, name: string): Subscription {
  const uuid = uuidIn('webhook_subscriptions', name) ?? name;
  const subscription = context.state.subscriptions.find((hook) => hook.uuid === uuid && hook.deletedAt === null);
  if (!subscription) throw new ControlError(404, `There is no subscription "${name}".`);
  return subscription;
}

function foreignSubscription(context: SandboxContext, input: ForeignSubscription): Subscription {
  const account = requireAccount(context, input.account);
  if (!URL.canParse(input.url)) throw new ControlError(400, 'A subscription needs a url.');
  const scope = input.scope ?? 'user';
  const at = context.clock.stamp();
  return {
    uuid: randomUUID(),
    clientId: null,
    creator: account.uuid,
    url: input.url,
    events: input.events ?? ['invitee.created', 'invitee.canceled'],
    scope,
    organization: account.organization,
    user: scope === 'user' ? account.uuid : null,
    group: scope === 'group' ? organizationOf(context, account).group : null,
    signingKey: input.signingKey ?? null,
    state: 'active',
    createdAt: at,
    updatedAt: at,
    retryStartedAt: null,
    lastSuccessAt: null,
    deletedAt: null,
  };
}

function viewTruth(context: SandboxContext, subscription: Subscription): SandboxSubscription {
  return {
    ...viewSubscription(context, subscription),
    clientId: subscription.clientId,
    deletedAt: subscription.deletedAt,
    signingKeyFingerprint: subscription.signingKey && fingerprint(subscription.signingKey),
  };
}
