/** Every scope that Calendly publishes, with the consent page's text about it. */
export const scopeCatalog: Readonly<Record<string, string>> = {
  'activity_log:read': 'See the activity log of your organization',
  'availability:read': 'See your availability',
  'availability:write': 'Change your availability',
  'contacts:read': 'See your contacts',
  'contacts:write': 'Change your contacts',
  'data_compliance:write': 'Delete invitee data on request',
  'event_types:read': 'See your event types',
  'event_types:write': 'Change your event types',
  'groups:read': 'See the groups of your organization',
  'locations:read': 'See your meeting locations',
  'meeting_recaps:read': 'See the recaps of your meetings',
  'organizations:read': 'See your organization and its members',
  'organizations:write': 'Change your organization and its members',
  'outgoing_communications:read': 'See messages that Calendly sent for you',
  'routing_forms:read': 'See your routing forms and their submissions',
  'scheduled_events:read': 'See your scheduled events and invitees',
  'scheduled_events:write': 'Book, cancel and mark your scheduled events',
  'scheduling_links:write': 'Make scheduling links',
  'shares:write': 'Share your event types',
  'users:read': 'See your name, e-mail address and time zone',
  'webhooks:read': 'See your webhook subscriptions',
  'webhooks:write': 'Make and delete webhook subscriptions',
};

/** The scope of old apps, which stands for all scopes. */
export const DEFAULT_SCOPE = 'default';

export function splitScopes(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(/\s+/).filter(Boolean))];
}

export function isKnownScope(scope: string): boolean {
  return scope === DEFAULT_SCOPE || Object.hasOwn(scopeCatalog, scope);
}
