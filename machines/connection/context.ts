/** A grant as far as decisions need it. The tokens themselves are elsewhere, known by the grant's id only. */
export interface Grant {
  id: string;
  accountUri: string | null;
  organizationUri: string | null;
  scope: string[];
  /** RFC 3339: end of the access token's life. */
  expiresAt: string;
  refreshedAt: string;
  /** Calendly refused the refresh token for good; only a late answer can revive it. */
  lost: boolean;
}

/** What went wrong, in words for a person and a stable code for a program. */
export interface Problem {
  code: string;
  message: string;
  at: string;
  exchangeId: string | null;
}

/**
 * Something left to undo at Calendly.
 * `held`: must wait (for the outcome of a create, or for other debts that need the same grant) ·
 * `trying`: an effect is at it · `waiting`: a timer will try again · `blocked`: nobody but a person can settle it.
 */
export interface Debt {
  id: string;
  kind: 'subscription' | 'grant';
  grantId: string;
  subscriptionId: string | null;
  accountUri: string | null;
  status: 'held' | 'trying' | 'waiting' | 'blocked';
  attempts: number;
  /** How often Calendly has said for certain that it will not do it; a few of them block the debt. */
  refusals: number;
  problem: Problem | null;
}

/** Where the connection was before consent was asked for, and goes back to when consent comes to nothing. */
export type Origin =
  | 'disconnected'
  | 'webhooks'
  | 'polling'
  | 'reconnecting'
  | 'retrying'
  | 'needsReauthorization'
  | 'needsPermission'
  | 'needsAttention';

export interface Account {
  uri: string;
  email: string | null;
  name: string | null;
  organization: string | null;
}

/** What a subscription is created with; the row is written from this before the create call. */
export interface SubscriptionDraft {
  id: string;
  scope: string;
  events: string[];
  /** Calendly answered 409 for it: the next listing tells what stands in its way. */
  conflicted: boolean;
}

export interface ConnectionContext {
  tenantId: string;
  /** Counts entries of steps; answers and timers carry it, so that stale ones are known. */
  generation: number;
  grant: Grant | null;
  /** The grant of a consent that is not accepted yet. */
  candidate: Grant | null;
  attempt: { id: string; switchAccount: boolean; expiresAt: string } | null;
  pendingAccount: Account | null;
  origin: Origin;
  /** This refresh is upkeep: it lists nothing and goes back to `origin`. */
  routine: boolean;
  /** A 401 was already answered with a refresh in this pass: a second one is believed. */
  renewed: boolean;
  /** A refresh is under way beside the state (upkeep during consent, say). */
  upkeep: boolean;
  /**
   * Refreshes of the current grant that have failed one after the other, without being about the grant. They set the wait
   * before the next one; and while there are any, new tokens for the grant are the news that ends an error.
   */
  refreshFailures: number;
  delivery: 'webhooks' | 'polling' | null;
  /** Time between two polls, as it was set when the last subscription was wanted. */
  pollingMinutes: number;
  /** Time between two looks at the subscription, likewise. */
  watchMinutes: number;
  /** Id of the live subscription's row. */
  subscription: string | null;
  /** Since when Calendly has been retrying deliveries to it, as of the last look. */
  retryStartedAt: string | null;
  draft: SubscriptionDraft | null;
  /** Creates sent in this sync; bounded. */
  creates: number;
  /** Others of ours in the listing, deleted once the new one stands. */
  surplus: string[];
  /** Debts that must be settled before the next create (a 409 named them). */
  clearing: string[];
  debts: Debt[];
  /** Consecutive failed passes; sets the back-off. */
  failures: number;
  retryAfterSeconds: number;
  problem: Problem | null;
  missingScopes: string[];
  /** Back-fills started; an answer of an older one is stale. */
  backfill: {
    run: number;
    state: 'none' | 'running' | 'waiting' | 'done';
    reason: 'first' | 'resubscribed' | 'gap' | 'daily' | 'poll' | 'skipped';
    failures: number;
    /** Another run is wanted when this one is over, because it may have passed by what is to be found. */
    again: 'resubscribed' | 'gap' | 'daily' | null;
    /** Runs one after the other that left out events which Calendly could not show. */
    incomplete: number;
  };
}

export function initialContext({ tenantId }: { tenantId: string }): ConnectionContext {
  return {
    tenantId,
    generation: 0,
    grant: null,
    candidate: null,
    attempt: null,
    pendingAccount: null,
    origin: 'disconnected',
    routine: false,
    renewed: false,
    upkeep: false,
    refreshFailures: 0,
    delivery: null,
    pollingMinutes: 15,
    watchMinutes: 60,
    subscription: null,
    retryStartedAt: null,
    draft: null,
    creates: 0,
    surplus: [],
    clearing: [],
    debts: [],
    failures: 0,
    retryAfterSeconds: 0,
    problem: null,
    missingScopes: [],
    backfill: { run: 0, state: 'none', reason: 'first', failures: 0, again: null, incomplete: 0 },
  };
}
