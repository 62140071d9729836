import type { Switches } from './switches.ts';

/**
 * All that the sandbox knows, as plain JSON: what is in here survives a restart, and nothing else does.
 * People, organizations and resources are stored by uuid; their URIs are made when they are shown, because the base of
 * the URIs is a switch.
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
  /** The app-level webhook signing key, used by subscriptions that were created without one of their own. */
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
  /** Its availability schedule. Missing in older state files: the membership's id stands in. */
  availability?: string;
  /** Missing in older state files: Google. */
  calendar?: CalendarKind;
  createdAt: string;
  updatedAt: string;
}

/** Into an organization, by e-mail. */
export interface Invitation {
  uuid: string;
  organization: string;
  email: string;
  status: 'pending' | 'accepted' | 'declined';
  /** Who accepted it. */
  user: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A booking page that is good for one booking. */
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

/** One access token with its refresh token: what Doorkeeper keeps as one record. */
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

/** One time that a refresh token was presented at the token endpoint. */
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

/** `type` is an open string at Calendly, and what else a location has depends on it. */
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

/** What Calendly wrote into the host's calendar. A rescheduled event keeps it. */
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
  /** When the conference provider will have answered; null where there is nothing to wait for. */
  locationReadyAtMs: number | null;
  inviteesLimit: number;
  status: 'active' | 'canceled';
  cancellation: Cancellation | null;
  /** Missing in older state files. */
  calendarEvent?: CalendarEvent;
  createdAt: string;
  updatedAt: string;
}

export interface Invitee {
  uuid: string;
  event: string;
  name: string;
  /** Only where the two were given apart. Missing in older state files. */
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
