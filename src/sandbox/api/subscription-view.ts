import type { SandboxContext } from '../context.ts';
import type { Subscription } from '../state.ts';
import { uriOf } from '../uris.ts';

/** A subscription as Calendly shows it: twelve keys, and never the signing key. */
export interface SubscriptionView {
  callback_url: string;
  created_at: string;
  creator: string;
  events: string[];
  group: string | null;
  organization: string;
  retry_started_at: string | null;
  scope: Subscription['scope'];
  state: Subscription['state'];
  updated_at: string;
  uri: string;
  user: string | null;
}

export function viewSubscription(context: SandboxContext, subscription: Subscription): SubscriptionView {
  return {
    callback_url: subscription.url,
    created_at: subscription.createdAt,
    creator: uriOf(context, 'users', subscription.creator),
    events: [...subscription.events],
    group: subscription.group && uriOf(context, 'groups', subscription.group),
    organization: uriOf(context, 'organizations', subscription.organization),
    retry_started_at: subscription.retryStartedAt,
    scope: subscription.scope,
    state: subscription.state,
    updated_at: subscription.updatedAt,
    uri: uriOf(context, 'webhook_subscriptions', subscription.uuid),
    user: subscription.user && uriOf(context, 'users', subscription.user),
  };
}
