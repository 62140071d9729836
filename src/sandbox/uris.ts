import type { SandboxContext } from './context.ts';

type Kind =
  | 'users'
  | 'organizations'
  | 'organization_memberships'
  | 'groups'
  | 'event_types'
  | 'user_availability_schedules'
  | 'webhook_subscriptions'
  | 'scheduled_events'
  | 'invitee_no_shows';

/**
 * Calendly's URIs are identities: they begin with https://api.calendly.com, also in the sandbox. A client that uses them as addresses would
 * leave the sandbox, and a test finds that mistake.
 */
export function uriOf(context: SandboxContext, kind: Kind, uuid: string): string {
  return `${context.switches.uriBase}/${kind}/${uuid}`;
}

export function inviteeUri(context: SandboxContext, invitee: { event: string; uuid: string }): string {
  return `${uriOf(context, 'scheduled_events', invitee.event)}/invitees/${invitee.uuid}`;
}

/** The uuid in a URI of this kind, or null. The base is not compared, because a switch may have changed it since. */
export function uuidIn(kind: Kind, uri: string): string | null {
  const match = /^https?:\/\/[^/]+(?:\/[^/]+)*?\/([a-z_]+)\/([A-Za-z0-9-]+)$/.exec(uri);
  return match?.[1] === kind ? (match[2] ?? null) : null;
}

/** The invitee's uuid in an invitee URI, or null. */
export function inviteeUuidIn(uri: string): string | null {
  return /\/scheduled_events\/[A-Za-z0-9-]+\/invitees\/([A-Za-z0-9-]+)$/.exec(uri)?.[1] ?? null;
}
