/** What decisions need to know of a grant. Its tokens are in the table `oauth_grant`, under the same id. */
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

/** What went wrong: a message for people, and a code that programs can rely on. */
export interface Problem {
  code: string;
  message: string;
  at: string;
  exchangeId: string | null;
}

/**
 * Something left to undo at Calendly.
 * `held`: it waits for the outcome of a create, or for other debts that need the same grant ·
 * `trying`: an effect is under way · `waiting`: a timer will try again · `blocked`: only a person can settle it.
 */
export interface Debt {
  id: string;
  kind: 'subscription' | 'grant';
  grantId: string;
  subscriptionId: string | null;
  accountUri: string | null;
  status: 'held' | 'trying' | 'waiting' | 'blocked';
  attempts: number;
  /** How often in a row Calendly has refused it for certain. `MOST_REFUSALS` of them block the debt. */
  refusals: number;
  problem: Problem | null;
}

/** Where the connection was before a consent or a refresh began. If that comes to nothing, the connection goes back there. */
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

/** What a subscription is created with. Its row is written from this before the call. */
export interface SubscriptionDraft {
  id: string;
  scope: string;
  events: string[];
  /** Calendly answered the create with 409. The next listing shows which webhook is in the way. */
  conflicted: boolean;
}

/** What the host wants for this tenant instead of the deployment's settings. Null: as the deployment has it. */
export interface TenantSettings {
  webhookScope: 'user' | 'organization' | null;
  webhookEvents: string[] | null;
  pollingMinutes: number | null;
  backfillPastDays: number | null;
  backfillHours: number | null;
}

export const NO_SETTINGS: TenantSettings = {
  webhookScope: null,
  webhookEvents: null,
  pollingMinutes: null,
  backfillPastDays: null,
  backfillHours: null,
};

export interface ConnectionContext {
  tenantId: string;
  /** They outlive a disconnect. Effects read them from their row. */
  settings: TenantSettings;
  /** Number of the present step. Answers and timers carry the number of theirs, so that late ones are recognized. */
  generation: number;
  grant: Grant | null;
  /** The grant of a consent that is not accepted yet. */
  candidate: Grant | null;
  attempt: { id: string; switchAccount: boolean; expiresAt: string; asksAccount?: true } | null;
  /** An import under way: its tokens are the candidate. `webhooks`: rows of the other system's, owed once it is accepted. */
  importing: { id: string; webhooks: string[] } | null;
  pendingAccount: Account | null;
  origin: Origin;
  /** This refresh is upkeep: it lists nothing and goes back to `origin`. */
  routine: boolean;
  /** A 401 has already led to a refresh in this pass. A second 401 means that the grant is refused. */
  renewed: boolean;
  /** A refresh is under way that the state does not wait for, for example during a consent. */
  upkeep: boolean;
  /**
   * How many refreshes of the current grant have failed in a row, for reasons other than the grant. The wait before the next
   * refresh grows with it. While it is above 0, looking again refreshes first, even if the access token is still good.
   */
  refreshFailures: number;
  delivery: 'webhooks' | 'polling' | null;
  /** Time between two polls. It is the setting as of the last listing or `configure`. */
  pollingMinutes: number;
  /** Time between two checks of the subscription. It is the setting as of the last listing. */
  watchMinutes: number;
  /** Id of the live subscription's row. */
  subscription: string | null;
  /** Since when Calendly has been retrying deliveries to the subscription, as the last check found. */
  retryStartedAt: string | null;
  draft: SubscriptionDraft | null;
  /** Creates sent in this sync: at most `MAX_CREATES`. */
  creates: number;
  /** Our other subscriptions in the listing. They are deleted after the new one is created. */
  surplus: string[];
  /** Debts that must be settled before the next create (a 409 named them). */
  clearing: string[];
  debts: Debt[];
  /** Failed passes in a row. The wait before the next one grows with it. */
  failures: number;
  retryAfterSeconds: number;
  problem: Problem | null;
  missingScopes: string[];
  /** `run` counts back-fills. Answers carry the number of their run; those of an earlier run are not taken. */
  backfill: {
    run: number;
    state: 'none' | 'running' | 'waiting' | 'done';
    reason: 'first' | 'resubscribed' | 'gap' | 'daily' | 'poll' | 'skipped';
    failures: number;
    /** Why another run follows this one: this one may already have read past what was missed. */
    again: 'resubscribed' | 'gap' | 'daily' | null;
    /** How many runs in a row left out events that Calendly could not show. */
    incomplete: number;
  };
}

/**
 * For each pure transition XState makes an actor without input, and drops it. It would catch an exception here, but the stack trace of
 * an exception takes a third of the time of a transition.
 */
export function initialContext(input?: { tenantId: string }): ConnectionContext {
  return {
    tenantId: input?.tenantId ?? '',
    settings: NO_SETTINGS,
    generation: 0,
    grant: null,
    candidate: null,
    attempt: null,
    importing: null,
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
