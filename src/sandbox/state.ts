import type { Switches } from './switches.ts';

/**
 * All that the sandbox knows, as plain JSON. It survives a restart, and nothing else does. People, organizations and resources are stored
 * by uuid. Their URIs are made when they are shown, because the base of the URIs is a switch.
 */
export interface State {
  version: 1;
  accounts: Account[];
  organizations: Organization[];
  codes: AuthorizationCode[];
  tokens: TokenRecord[];
  subscriptions: Subscription[];
  events: ScheduledEvent[];
  invitees: Invitee[];
  deliveries: Delivery[];
  invitations: Invitation[];
  schedulingLinks: SchedulingLink[];
  switches: Switches;
  /** How far `clock.advance` has moved the sandbox's clock ahead of the real one. */
  clockOffsetMs: number;
  /** Signs the access tokens. */
  tokenKey: string;
  /** The application's webhook signing key. Subscriptions that were created without a key of their own use it. */
  appSigningKey: string;
}

export type Stage = 'free' | 'trial' | 'paid';
export type Role = 'owner' | 'admin' | 'user';

export interface Organization {
  uuid: string;
  name: string;
  stage: Stage;
  group: string;
  createdAt: string;
}

/** A Calendly user, with the one organization that the user is in. */
export interface Account {
  slug: string;
  uuid: string;
  name: string;
  email: string;
  timezone: string;
  organization: string;
  role: Role;
  eventType: string;
  membership: string;
  /** Id of the account's availability schedule. Older state files do not have it; then `membership` is used instead. */
  availability?: string;
  /** Older state files do not have it; then it is Google. */
  calendar?: CalendarKind;
  createdAt: string;
  updatedAt: string;
}

/** An invitation of an e-mail address into an organization. */
export interface Invitation {
  uuid: string;
  organization: string;
  email: string;
  status: 'pending' | 'accepted' | 'declined';
  /** The user who accepted it. */
  user: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A link to a booking page that can be used for one booking. */
export interface SchedulingLink {
  id: string;
  host: string;
  usedAt: string | null;
}

export interface AuthorizationCode {
  code: string;
  clientId: string;
  user: string;
  redirectUri: string;
  scope: string;
  challenge: string | null;
  expiresAtMs: number;
  usedAt: string | null;
}

/** One access token with its refresh token. Doorkeeper stores the two as one record, too. */
export interface TokenRecord {
  id: string;
  clientId: string;
  user: string;
  scope: string;
  accessToken: string;
  refreshToken: string;
  createdAtMs: number;
  expiresAtMs: number;
  accessRevokedAt: string | null;
  refreshEndedAt: string | null;
  refreshEndedBy: 'use' | 'revocation' | null;
  presentations: Presentation[];
}

/** One use of a refresh token at the token endpoint. */
export interface Presentation {
  at: string;
  result: 'refreshed' | 'invalid_grant' | 'rate_limited';
}

export type SubscriptionScope = 'organization' | 'user' | 'group';

export interface Subscription {
  uuid: string;
  clientId: string | null;
  creator: string;
  url: string;
  events: string[];
  scope: SubscriptionScope;
  organization: string;
  user: string | null;
  group: string | null;
  signingKey: string | null;
  state: 'active' | 'disabled';
  createdAt: string;
  updatedAt: string;
  retryStartedAt: string | null;
  lastSuccessAt: string | null;
  deletedAt: string | null;
}

/** `type` can be any text at Calendly. The other members depend on it. */
export interface Location {
  type: string;
  status?: string;
  join_url?: string | null;
  location?: string | null;
  [more: string]: unknown;
}

export interface Cancellation {
  canceled_by: string;
  canceler_type: 'host' | 'invitee';
  created_at: string;
  reason: string;
}

export type CalendarKind = 'google' | 'outlook' | 'exchange';

/** The entry that Calendly wrote into the host's calendar. A rescheduled event keeps it. */
export interface CalendarEvent {
  externalId: string;
  kind: CalendarKind;
}

export interface ScheduledEvent {
  uuid: string;
  host: string;
  organization: string;
  eventType: string;
  name: string;
  startTime: string;
  endTime: string;
  location: Location | null;
  /** When the conference provider will have answered; null if there is nothing to wait for. */
  locationReadyAtMs: number | null;
  inviteesLimit: number;
  status: 'active' | 'canceled';
  cancellation: Cancellation | null;
  /** Older state files do not have it. */
  calendarEvent?: CalendarEvent;
  createdAt: string;
  updatedAt: string;
}

export interface Invitee {
  uuid: string;
  event: string;
  name: string;
  /** Only if first and last name were given separately. Older state files do not have it. */
  firstName?: string | null;
  lastName?: string | null;
  email: string;
  timezone: string;
  status: 'active' | 'canceled';
  rescheduled: boolean;
  oldInvitee: string | null;
  newInvitee: string | null;
  noShow: { uuid: string; createdAt: string } | null;
  cancellation: Cancellation | null;
  scheduledBy: string | null;
  schedulingMethod: 'instant_book' | 'api' | null;
  createdAt: string;
  updatedAt: string;
}

export type DeliveryStatus = 'pending' | 'delivered' | 'gaveUp' | 'dropped' | 'abandoned';

export interface Delivery {
  id: string;
  subscription: string;
  event: string;
  /** The exact bytes that are signed and sent. */
  body: string;
  /** The envelope's time in whole seconds: `t` of the first attempt. */
  timestamp: number;
  createdAtMs: number;
  dueAtMs: number;
  status: DeliveryStatus;
  attempts: DeliveryAttempt[];
}

export interface DeliveryAttempt {
  at: string;
  status: number | null;
  error: string | null;
  durationMs: number;
}
