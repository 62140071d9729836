/** The read scope of each family of events, which a subscription needs beside `webhooks:write`. */
const READ_SCOPES: readonly (readonly [family: RegExp, scope: string])[] = [
  [/^invitee(_no_show)?\./, 'scheduled_events:read'],
  [/^event_type\./, 'event_types:read'],
  [/^contact\./, 'contacts:read'],
  [/^meeting_recap\./, 'meeting_recaps:read'],
  [/^routing_form_submission\./, 'routing_forms:read'],
];

/** The scope of applications that are older than scopes: it stands for all of them. */
const LEGACY_SCOPE = 'default';

/**
 * The scopes that a grant lacks for subscribing to these events. `X:write` implies `X:read`. A grant that names no scope lacks none that is
 * known.
 */
export function missingWebhookScopes(scope: string, events: readonly string[]): string[] {
  const granted = new Set(scope.split(/\s+/).filter(Boolean));
  if (granted.size === 0 || granted.has(LEGACY_SCOPE)) return [];
  const families = READ_SCOPES.filter(([family]) => events.some((event) => family.test(event)));
  return ['webhooks:write', ...families.map(([, needed]) => needed)].filter(
    (needed) => !granted.has(needed) && !granted.has(needed.replace(/:read$/, ':write')),
  );
}
