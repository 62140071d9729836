/** Calendly's webhook events, each with the subscription scopes that allow it (of those that we offer). */
export const WEBHOOK_EVENTS: Readonly<Record<string, readonly ('user' | 'organization')[]>> = {
  'invitee.created': ['user', 'organization'],
  'invitee.canceled': ['user', 'organization'],
  'invitee_no_show.created': ['user', 'organization'],
  'invitee_no_show.deleted': ['user', 'organization'],
  'event_type.created': ['user', 'organization'],
  'event_type.updated': ['user', 'organization'],
  'event_type.deleted': ['user', 'organization'],
  'contact.created': ['user', 'organization'],
  'contact.updated': ['user', 'organization'],
  'contact.deleted': ['user', 'organization'],
  'meeting_recap.created': ['user'],
  'meeting_recap.updated': ['user'],
  'meeting_recap.deleted': ['user'],
  'routing_form_submission.created': ['organization'],
};
