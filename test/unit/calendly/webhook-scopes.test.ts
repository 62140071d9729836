import { describe, expect, test } from 'vitest';
import { missingWebhookScopes } from '../../../src/calendly/webhook-scopes.ts';
import { WEBHOOK_EVENTS } from '../../../src/config/webhook-events.ts';

const invitees = ['invitee.created', 'invitee_no_show.deleted'];

describe('scopes that a grant lacks for a webhook', () => {
  test.each([
    ['users:read webhooks:write scheduled_events:read', invitees, []],
    ['webhooks:write scheduled_events:write', invitees, []],
    ['webhooks:read scheduled_events:read', invitees, ['webhooks:write']],
    ['users:read', invitees, ['webhooks:write', 'scheduled_events:read']],
    ['webhooks:write', ['event_type.updated', 'contact.created'], ['event_types:read', 'contacts:read']],
    ['webhooks:write contacts:write', ['contact.created', 'meeting_recap.deleted'], ['meeting_recaps:read']],
    ['webhooks:write', ['routing_form_submission.created'], ['routing_forms:read']],
    ['default', invitees, []],
    ['', invitees, []],
  ])('with %j for %j: %j', (scope, events, missing) => {
    expect(missingWebhookScopes(scope, events)).toEqual(missing);
  });

  test('are known of every event that can be subscribed to', () => {
    const unknown = Object.keys(WEBHOOK_EVENTS).filter(
      (event) => missingWebhookScopes('users:read', [event]).length !== 2,
    );
    expect(unknown).toEqual([]);
  });
});
