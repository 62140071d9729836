import type { EffectType } from '../../../machines/connection/index.ts';
import type { FaultKind } from '../../../src/sandbox/index.ts';

/** How the world brings an event about. */
export type Cause =
  | { by: 'request'; method: 'POST' | 'DELETE'; path: string; body?: object }
  | { by: 'consent'; decision: 'allow' | 'deny' }
  /** Tokens that another system got, with an access token that is good or without one. */
  | { by: 'import'; withAccessToken: boolean }
  | { by: 'timer'; name: string }
  /** The effect is let go, and this is what Calendly has to say or what has happened there before. */
  | {
      by: 'answer';
      effect: EffectType;
      fault?: FaultKind;
      before?: 'nothing left' | 'disabled' | 'organization moved';
    };

const request = (path: string, body?: object): Cause => ({
  by: 'request',
  method: 'POST',
  path,
  ...(body ? { body } : {}),
});
const timer = (name: string): Cause => ({ by: 'timer', name });
const answer = (effect: EffectType, fault?: FaultKind): Cause => ({
  by: 'answer',
  effect,
  ...(fault ? { fault } : {}),
});
const respond = (status: number, body?: object): FaultKind => ({ kind: 'respond', status, ...(body ? { body } : {}) });

/** What only an invitee of words can tell apart: which effect is being answered depends on the state. */
const FAILURES: Record<string, FaultKind> = {
  'Calendly unavailable': respond(500),
  'rate limited': respond(429),
  'token refused (401)': respond(401),
  'request refused (400)': respond(400, { title: 'Invalid Argument', message: 'No.', details: [] }),
  'plan without webhooks': respond(403, {
    title: 'Permission Denied',
    message: 'Please upgrade to a paid Calendly account.',
  }),
  'scope missing': respond(403, { title: 'Insufficient scope', message: 'No.', required_scopes: ['webhooks:write'] }),
  'role refused': respond(403),
};
const FAILING: Record<string, EffectType> = {
  'authorizing.exchangingCode': 'exchangeCode',
  'refreshing.provingGrant': 'identifyAccount',
  'authorizing.provingImport': 'identifyAccount',
  'syncingWebhooks.listing': 'listSubscriptions',
  'syncingWebhooks.creating': 'createSubscription',
};
/** At the token endpoint these mean something else. */
const NOT_OF_A_CODE = new Set([
  'token refused (401)',
  'request refused (400)',
  'plan without webhooks',
  'scope missing',
  'role refused',
]);
const NOT_OF_AN_ACCOUNT = new Set(['plan without webhooks', 'scope missing', 'role refused']);

const CAUSES: Record<string, Cause> = {
  connect: request('/connect', {}),
  'connect to switch accounts': request('/connect', { switchAccount: true }),
  import: { by: 'import', withAccessToken: true },
  'import without a good access token': { by: 'import', withAccessToken: false },
  disconnect: { by: 'request', method: 'DELETE', path: '' },
  refresh: request('/refresh'),
  resync: request('/resync'),
  retry: request('/retry'),
  'account confirmed': request('/confirm-account', { accept: true }),
  'account declined': request('/confirm-account', { accept: false }),
  'consent granted': { by: 'consent', decision: 'allow' },
  'consent denied': { by: 'consent', decision: 'deny' },
  'consent expired': timer('deadline'),
  'confirmation expired': timer('deadline'),
  'deadline passed': timer('deadline'),
  'retry due': timer('retry'),
  'recheck due': timer('recheck'),
  'poll due': timer('poll'),
  'plan due': timer('plan'),
  'watch due': timer('watch'),
  'refresh due': timer('refresh'),
  'back-fill due': timer('backfill'),
  'debt 1 due': timer('debt'),
  'token issued': answer('exchangeCode'),
  'code refused': answer('exchangeCode', respond(400)),
  'account identified': answer('identifyAccount'),
  'another account identified': answer('identifyAccount'),
  'token refreshed': answer('refreshToken'),
  'refresh rejected': answer('refreshToken', respond(400)),
  'refresh failed': answer('refreshToken', respond(500)),
  'refresh refused as invalid': answer('refreshToken', respond(401)),
  'listing shows nothing': { by: 'answer', effect: 'listSubscriptions', before: 'nothing left' },
  'listing shows the live one': answer('listSubscriptions'),
  'listing shows the live one disabled': { by: 'answer', effect: 'listSubscriptions', before: 'disabled' },
  'subscription created': answer('createSubscription'),
  'subscription conflicted (409)': answer('createSubscription', respond(409)),
  'subscription found disabled': { by: 'answer', effect: 'checkSubscription', before: 'disabled' },
  'subscription not checked for now': answer('checkSubscription', respond(500)),
  'subscription not checked (401)': answer('checkSubscription', respond(401)),
  'debt 1 (subscription) settled': answer('deleteSubscription'),
  'debt 1 (subscription) postponed': answer('deleteSubscription', respond(500)),
  'debt 2 (subscription) settled': answer('deleteSubscription'),
  'debt 2 (subscription) postponed': answer('deleteSubscription', respond(500)),
  'debt 1 (grant) settled': answer('revokeGrant'),
  'debt 1 (grant) postponed': answer('revokeGrant', respond(500)),
  'debt 2 (grant) settled': answer('revokeGrant'),
  'debt 2 (grant) postponed': answer('revokeGrant', respond(500)),
  'back-fill completed': answer('backfillMeetings'),
  'back-fill failed': answer('backfillMeetings', respond(500)),
  'back-fill unauthorized': answer('backfillMeetings', respond(401)),
};

/** The cause of what these words say in this state, or undefined where the world cannot bring it about at will. */
export function causeOf(says: string, state: string): Cause | undefined {
  const fault = FAILURES[says];
  if (fault === undefined) return CAUSES[says];
  const effect = FAILING[state];
  if (effect === undefined || (effect === 'exchangeCode' && NOT_OF_A_CODE.has(says))) return undefined;
  return effect === 'identifyAccount' && NOT_OF_AN_ACCOUNT.has(says) ? undefined : answer(effect, fault);
}

/** The request that an effect makes, where a fault can meet it. */
export const CALLS: Record<EffectType, { method: string; path: string }> = {
  exchangeCode: { method: 'POST', path: '/oauth/token' },
  refreshToken: { method: 'POST', path: '/oauth/token' },
  identifyAccount: { method: 'GET', path: '/users/me' },
  listSubscriptions: { method: 'GET', path: '/webhook_subscriptions' },
  createSubscription: { method: 'POST', path: '/webhook_subscriptions' },
  checkSubscription: { method: 'GET', path: '/webhook_subscriptions/:uuid' },
  deleteSubscription: { method: 'DELETE', path: '/webhook_subscriptions/:uuid' },
  revokeGrant: { method: 'POST', path: '/oauth/revoke' },
  backfillMeetings: { method: 'GET', path: '/scheduled_events' },
};
