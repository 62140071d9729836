import type { SubscriptionView } from '../api/subscription-view.ts';
import type { NewBooking } from '../bookings/book.ts';
import type { CancelBy } from '../bookings/cancel.ts';
import type { NewTime } from '../bookings/reschedule.ts';
import type { Call } from '../call-log.ts';
import type { DeliverySettings } from '../deliveries/settings.ts';
import type { Fault, FaultInput } from '../faults.ts';
import type {
  CalendarKind,
  DeliveryAttempt,
  DeliveryStatus,
  Location,
  Presentation,
  Role,
  Stage,
  SubscriptionScope,
} from '../state.ts';
import type { Switches } from '../switches.ts';

/** Everything that a test or a demo can do with the sandbox, and can see of it. The routes under `/sandbox` are the same over HTTP. */
export interface Controls {
  readonly accounts: AccountControls;
  readonly deliveries: DeliveryControls;
  readonly faults: FaultControls;
  readonly switches: SwitchControls;
  readonly clock: ClockControls;

  book(booking: NewBooking): Booking;
  cancel(cancel: CancelInput): void;
  reschedule(reschedule: RescheduleInput): Booking;
  /** The invitee by URI or uuid. */
  markNoShow(invitee: string): { uri: string };
  unmarkNoShow(invitee: string): void;
  /** Changes the event's location, at once and without a delivery, as Calendly does. Event by URI or uuid. */
  updateLocation(event: string, location: Location | null): void;
  /** The bookings as they really are, to compare with. Without an account: those of all accounts. */
  meetings(account?: string): SandboxMeeting[];

  /** The subscriptions as they really are, oldest first. */
  subscriptions(filter?: { account?: string; includeDeleted?: boolean }): SandboxSubscription[];
  /** Creates a subscription of somebody else: another product, or a person with an API token. */
  createSubscription(input: ForeignSubscription): SandboxSubscription;
  /** The subscription by URI or uuid. */
  disableSubscription(subscription: string): void;
  deleteSubscription(subscription: string): void;

  tokens(account: string): TokenTruth;
  calls(): Call[];
  clearCalls(): void;
}

export interface AccountView {
  slug: string;
  uri: string;
  name: string;
  email: string;
  timezone: string;
  organization: string;
  organizationName: string;
  plan: Stage;
  role: Role;
  bookingUrl: string;
}

export interface NewAccount {
  slug: string;
  name: string;
  email?: string;
  timezone?: string;
  /** Slug of the account whose organization it joins. Missing: an organization of its own. */
  organizationOf?: string;
  plan?: Stage;
  role?: Role;
  /** The calendar that its events are written to. Missing: Google. */
  calendar?: CalendarKind;
}

export interface AccountChange {
  name?: string;
  email?: string;
  /** The plan of the whole organization. */
  plan?: Stage;
  role?: Role;
  /** Slug of the account whose organization it moves to; null: a new one of its own. */
  moveTo?: string | null;
}

export interface AccountControls {
  list(): AccountView[];
  get(slug: string): AccountView;
  add(account: NewAccount): AccountView;
  update(slug: string, change: AccountChange): AccountView;
  /** Ends all tokens of the account, for every app, as after a changed password, or after the app was disconnected at Calendly. */
  revokeLogin(slug: string): void;
}

export interface Booking {
  eventUri: string;
  inviteeUri: string;
  cancelUrl: string;
  rescheduleUrl: string;
  startTime: string;
}

/** One invitee, or a whole event, by URI or uuid. */
export type CancelInput = ({ invitee: string } | { event: string }) & Partial<CancelBy>;
export type RescheduleInput = { invitee: string } & NewTime;

export interface SandboxMeeting {
  account: string;
  eventUri: string;
  inviteeUri: string;
  status: 'active' | 'canceled';
  eventStatus: 'active' | 'canceled';
  name: string;
  email: string;
  eventName: string;
  startTime: string;
  endTime: string;
  timezone: string;
  location: Location | null;
  cancelUrl: string;
  rescheduleUrl: string;
  /** URIs of the invitee before and after a reschedule. */
  rescheduledFrom: string | null;
  rescheduledTo: string | null;
  noShow: { uri: string; createdAt: string } | null;
  cancellation: { canceledBy: string; cancelerType: 'host' | 'invitee'; reason: string } | null;
  createdAt: string;
  updatedAt: string;
}

export interface SandboxSubscription extends SubscriptionView {
  /** The app that created it; null if somebody else created it. */
  clientId: string | null;
  deletedAt: string | null;
  signingKeyFingerprint: string | null;
}

export interface ForeignSubscription {
  account: string;
  url: string;
  events?: string[];
  scope?: SubscriptionScope;
  signingKey?: string;
}

export interface TokenTruth {
  liveAccessTokens: number;
  liveRefreshTokens: number;
  /** One for each pair, oldest first. */
  pairs: TokenPair[];
}

export interface TokenPair {
  clientId: string;
  scope: string;
  createdAt: string;
  expiresAt: string;
  accessTokenFingerprint: string;
  accessTokenLive: boolean;
  refreshTokenFingerprint: string;
  refreshTokenLive: boolean;
  refreshTokenEndedBy: 'use' | 'revocation' | null;
  presentations: Presentation[];
}

export interface DeliveryView {
  id: string;
  subscription: string;
  url: string;
  event: string;
  status: DeliveryStatus;
  attempts: DeliveryAttempt[];
  createdAt: string;
  dueAt: string;
  body: string;
}

export interface DeliveryControls {
  list(filter?: { status?: DeliveryStatus; subscription?: string }): DeliveryView[];
  pause(): void;
  /** With an order, the deliveries that wait are sent one by one in this order. Then sending goes on as usual. */
  resume(order?: 'oldest-first' | 'newest-first'): Promise<void>;
  /** Sends a delivery once more, now, whatever its status is. Resolves after the attempt. */
  redeliver(id: string): Promise<void>;
  dropNext(count: number): void;
  settings(): DeliverySettings;
  configure(settings: Partial<DeliverySettings>): void;
  /** Makes every waiting retry due now. */
  retryNow(): void;
  /** Resolves when nothing is being sent and nothing is due. */
  idle(): Promise<void>;
}

export interface FaultControls {
  add(fault: FaultInput): string;
  list(): Fault[];
  remove(id: string): boolean;
  clear(): void;
}

export interface SwitchControls {
  get(): Switches;
  set(patch: Partial<Switches>): Switches;
  reset(): Switches;
}

export interface ClockControls {
  now(): Date;
  /** Moves the sandbox's clock forward, so that tokens expire and retries become due. */
  advance(seconds: number): Date;
}
