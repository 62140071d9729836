import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { uriOf } from '../uris.ts';

/** The one event type that every account of the sandbox has. */
export function viewEventType(context: SandboxContext, account: Account): object {
  return {
    active: true,
    admin_managed: false,
    booking_method: 'instant',
    color: '#0757c9',
    created_at: account.createdAt,
    custom_questions: [],
    deleted_at: null,
    description_html: null,
    description_plain: null,
    duration: 30,
    duration_options: null,
    internal_note: null,
    is_paid: false,
    kind: 'solo',
    locale: 'en',
    locations: [{ kind: 'google_conference' }],
    name: '30 Minute Meeting',
    pooling_type: null,
    position: 0,
    profile: { name: account.name, owner: uriOf(context, 'users', account.uuid), type: 'User' },
    scheduling_url: `${context.publicUrl}/book/${account.slug}`,
    secret: false,
    slug: '30min',
    type: 'StandardEventType',
    updated_at: account.createdAt,
    uri: uriOf(context, 'event_types', account.eventType),
  };
}
