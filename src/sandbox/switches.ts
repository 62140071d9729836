/**
 * How the sandbox behaves where Calendly's documents say nothing, and what tests need. docs/sandbox.md explains each switch.
 * Every default is the documented or the most likely behaviour.
 */
export interface Switches {
  // OAuth
  accessTokenSeconds: number;
  authorizationCodeSeconds: number;
  requirePkce: boolean;
  requireClientSecret: boolean;
  legacyScopes: boolean;
  refreshReuseStatus: number;
  tokenRateLimit: number | null;
  tokenErrorChallenge: boolean;
  autoConsent: string | null;
  autoDecision: 'allow' | 'deny';
  declinedScopes: string[];
  // API
  uriBase: string;
  apiRateLimit: number | 'plan' | null;
  retryAfterHeader: boolean;
  refusedUserAgents: string[];
  inviteeCreationLimits: 'plan' | null;
  // Webhook subscriptions
  conflictKey: 'url' | 'url+scope' | 'user+scope+events';
  disabledConflicts: boolean;
  requireHttpsCallback: boolean;
  webhooksOnFreePlan: boolean;
  missingScopeStatus: number;
  ignoreDelete: boolean;
  listLagSeconds: number;
  onTokenRevoked: 'keep' | 'disable' | 'delete';
  onDowngrade: 'keep' | 'disable' | 'delete';
  onOrganizationLeft: 'keep' | 'disable' | 'delete';
  // Deliveries
  retryDelaysSeconds: number[];
  giveUpAfterSeconds: number;
  retrySignature: 'renewed' | 'original';
  disableRule: 'no-success' | 'message-expired';
  signingKeyPrecedence: 'subscription' | 'app';
  bodyEscaping: 'none' | 'html' | 'ascii';
  deliveryConnectTimeoutMs: number;
  deliveryReadTimeoutMs: number;
  // Bookings
  minStartTime: 'inclusive' | 'exclusive';
  locationReadySeconds: number;
  noShowTouchesInvitee: boolean;
  legacyIds: boolean;
}

export const defaultSwitches: Readonly<Switches> = Object.freeze({
  accessTokenSeconds: 7200,
  authorizationCodeSeconds: 600,
  requirePkce: false,
  requireClientSecret: true,
  legacyScopes: false,
  refreshReuseStatus: 400,
  tokenRateLimit: 8,
  tokenErrorChallenge: true,
  autoConsent: null,
  autoDecision: 'allow',
  declinedScopes: [],
  uriBase: 'https://api.calendly.com',
  apiRateLimit: 'plan',
  retryAfterHeader: false,
  refusedUserAgents: [],
  inviteeCreationLimits: 'plan',
  conflictKey: 'url',
  disabledConflicts: true,
  requireHttpsCallback: false,
  webhooksOnFreePlan: true,
  missingScopeStatus: 403,
  ignoreDelete: false,
  listLagSeconds: 0,
  onTokenRevoked: 'keep',
  onDowngrade: 'keep',
  onOrganizationLeft: 'disable',
  retryDelaysSeconds: [1, 5, 30, 120, 600, 1800, 3600],
  giveUpAfterSeconds: 86_400,
  retrySignature: 'renewed',
  disableRule: 'no-success',
  signingKeyPrecedence: 'subscription',
  bodyEscaping: 'none',
  deliveryConnectTimeoutMs: 10_000,
  deliveryReadTimeoutMs: 15_000,
  minStartTime: 'inclusive',
  locationReadySeconds: 2,
  noShowTouchesInvitee: false,
  legacyIds: false,
});
