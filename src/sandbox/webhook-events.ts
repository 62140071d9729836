import type { SubscriptionScope } from './state.ts';

interface EventRule {
  subscriptionScopes: readonly SubscriptionScope[];
  tokenScope: string;
  /** For organizations with the free plan, these are refused, whatever other webhooks they may have. */
  needsPaidPlan?: true;
}

const everywhere: readonly SubscriptionScope[] = ['organization', 'user', 'group'];
const scheduling: EventRule = { subscriptionScopes: everywhere, tokenScope: 'scheduled_events:read' };
const eventTypes: EventRule = { subscriptionScopes: everywhere, tokenScope: 'event_types:read' };
const contacts: EventRule = { subscriptionScopes: everywhere, tokenScope: 'contacts:read' };
const routingForms: EventRule = {
  subscriptionScopes: ['organization'],
  tokenScope: 'routing_forms:read',
  needsPaidPlan: true,
};
const recaps: EventRule = { subscriptionScopes: ['user'], tokenScope: 'meeting_recaps:read', needsPaidPlan: true };

/** Which webhook events there are, which scopes allow each, and which scope a token needs for each beside webhooks:write. */
export const webhookEvents: Readonly<Record<string, EventRule>> = {
  'invitee.created': scheduling,
  'invitee.canceled': scheduling,
  'invitee_no_show.created': scheduling,
  'invitee_no_show.deleted': scheduling,
  'meeting_recap.created': recaps,
  'meeting_recap.updated': recaps,
  'meeting_recap.deleted': recaps,
  'routing_form_submission.created': routingForms,
  'contact.created': contacts,
  'contact.updated': contacts,
  'contact.deleted': contacts,
  'event_type.created': eventTypes,
  'event_type.deleted': eventTypes,
  'event_type.updated': eventTypes,
};
