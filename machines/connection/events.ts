import type { Account, ConnectionContext, Problem, TenantSettings } from './context.ts';

/** An expected failure of one call to Calendly. */
export interface Failure {
  /**
   * `unauthorized`: the access token was refused (401) · `invalid`: our request or configuration is wrong · `transient`: a later try may
   * succeed.
   */
  kind: 'transient' | 'unauthorized' | 'invalid';
  code: string;
  message: string;
  exchangeId: string | null;
  /** Calendly answered with a 4xx, so it has certainly done nothing. */
  certain: boolean;
  /** Seconds that Calendly asked to wait; 0 when it did not. */
  retryAfterSeconds: number;
}

export type Refusal = Omit<Problem, 'at'>;

/** One of our subscriptions, as a complete listing shows it. */
export interface FoundSubscription {
  subscriptionId: string;
  uri: string;
  /** Active, and with the events, scope and organization that are wanted now. */
  fits: boolean;
}

/** Commands: imperative, from routes and operators. */
export type Command =
  | {
      type: 'connect';
      switchAccount: boolean;
      attemptId: string;
      attemptExpiresAt: string;
      recentMs: number;
      /** The person who consents is asked which tenant they link, also with the account of before. */
      asksAccount?: true;
    }
  | { type: 'disconnect' }
  /** Tokens of another system, stored with this event. If no access token is good, `expiresAt` lies in the past. */
  | {
      type: 'import';
      importId: string;
      grantId: string;
      scope: string[];
      expiresAt: string;
      /** Rows of the other system's webhooks, to be deleted once ours stands. */
      webhooks: string[];
    }
  /** The tokens leave with the answer. They are not revoked. */
  | { type: 'release' }
  | { type: 'refresh' }
  | { type: 'resync' }
  | { type: 'retry'; recentMs: number }
  /** All settings of the tenant, those that stay as they are included. `pollingMinutes` is what holds with them. */
  | { type: 'configure'; settings: TenantSettings; pollingMinutes: number };

/** Facts: past tense, from the browser, from effects and from readers of tokens. */
export type Fact =
  | { type: 'consent.granted'; attemptId: string }
  | { type: 'consent.denied'; attemptId: string; problem: Refusal }
  | {
      type: 'token.issued';
      generation: number;
      grantId: string;
      accountUri: string | null;
      organizationUri: string | null;
      scope: string[];
      expiresAt: string;
    }
  | { type: 'code.refused'; generation: number; problem: Refusal }
  | { type: 'account.identified'; generation: number; account: Account }
  | { type: 'account.confirmed'; accountUri: string }
  | { type: 'account.declined'; accountUri: string }
  | { type: 'token.needed' }
  | {
      type: 'token.refreshed';
      generation: number;
      grantId: string;
      scope: string[];
      expiresAt: string;
      refreshedAt: string;
    }
  | {
      type: 'grant.recovered';
      generation: number;
      grantId: string;
      scope: string[];
      expiresAt: string;
      refreshedAt: string;
    }
  | { type: 'token.refreshRejected'; generation: number; grantId: string; problem: Refusal }
  | { type: 'token.refreshFailed'; generation: number; grantId: string; failure: Failure }
  | { type: 'token.orphaned'; grantId: string; accountUri: string | null }
  | { type: 'grant.unusable'; generation: number; grantId: string; problem: Refusal }
  | {
      type: 'subscriptions.listed';
      generation: number;
      found: FoundSubscription[];
      wanted: { scope: string; events: string[]; pollingMinutes: number; watchMinutes: number };
    }
  | {
      type: 'subscription.created';
      generation: number;
      subscriptionId: string;
      uri: string;
      grantId: string;
      accountUri: string | null;
    }
  | { type: 'subscription.conflicted'; generation: number; subscriptionId: string; problem: Refusal }
  | {
      type: 'permission.refused';
      generation: number;
      subscriptionId: string | null;
      reason: 'plan' | 'scope' | 'role';
      missingScopes: string[];
      /** A narrower scope that the settings allow instead, with the events that it can have. */
      fallback: { scope: string; events: string[] } | null;
      problem: Refusal;
    }
  | { type: 'call.failed'; generation: number; failure: Failure }
  | {
      type: 'subscription.checked';
      subscriptionId: string;
      intact: boolean;
      retryStartedAt: string | null;
      reason: string | null;
    }
  | { type: 'subscription.uncheckable'; subscriptionId: string; failure: Failure }
  /** No instance was running for a while, so deliveries may have been missed. */
  | { type: 'gap.noticed'; since: string }
  /** The last look at all meetings is a day ago. A delivery that Calendly never sent is found only by looking. */
  | { type: 'backfill.overdue'; since: string }
  | { type: 'debt.settled'; debtId: string }
  | { type: 'debt.postponed'; debtId: string; failure: Failure }
  /** Calendly refused it for certain, for example a deletion that the role does not allow. */
  | { type: 'debt.refused'; debtId: string; problem: Refusal }
  | { type: 'debt.blocked'; debtId: string; problem: Refusal }
  /** `skipped`: events that Calendly could not show; they are tried again later. */
  | { type: 'backfill.completed'; run: number; meetings: number; recovered: number; skipped?: number }
  | { type: 'backfill.failed'; run: number; failure: Failure };

/** What a timer brings when it is due. */
export type TimerEvent =
  | { type: 'consent.expired'; generation: number }
  | { type: 'confirmation.expired'; generation: number }
  | { type: 'deadline.passed'; generation: number }
  | { type: 'retry.due'; generation: number }
  | { type: 'recheck.due'; generation: number }
  | { type: 'poll.due' }
  | { type: 'plan.due' }
  | { type: 'watch.due' }
  | { type: 'refresh.due' }
  | { type: 'backfill.due'; run: number }
  | { type: 'debt.due'; debtId: string };

export type UnstampedEvent = Command | Fact | TimerEvent;

/**
 * Dispatch stamps every event, because the machine has no clock and makes no ids. `at`: RFC 3339 instant · `id`: a fresh UUID, which also
 * becomes the id of what this event creates.
 */
export type ConnectionEvent = UnstampedEvent & { at: string; id: string };

/** What guards and decisions are given. */
export interface Args {
  context: ConnectionContext;
  event: ConnectionEvent;
}
