import { actionSetup as s, startTimer } from './action-setup.ts';
import type { ConnectionContext, Grant } from './context.ts';
import { millisecondsLeft, RECENT_REFRESH, REFRESH_AHEAD } from './delays.ts';
import type { Args, ConnectionEvent } from './events.ts';

/** The current grant: its tokens are kept alive in every state, and used before anybody is asked for consent. */

/** Problems that only another consent can mend. */
const NEEDS_CONSENT = new Set(['scope_missing', 'issuer_changed', 'credential_unreadable']);
/** Life that an access token must have left to be worth going on with. */
const USEFUL_LIFE_MS = 60_000;

export const hasUsableGrant = ({ context }: Args): boolean => context.grant !== null && !context.grant.lost;
/** No stored grant, or none that can be used as it is: only a person can give another one. */
export const needsConsent = ({ grant, problem }: ConnectionContext): boolean =>
  grant === null || grant.lost || NEEDS_CONSENT.has(problem?.code ?? '');
export const grantIdOf = (event: ConnectionEvent) => ('grantId' in event ? event.grantId : undefined);
const isCurrentGrant = ({ context, event }: Args) => context.grant !== null && grantIdOf(event) === context.grant.id;

const isTokenAlive = (args: Args) => millisecondsLeft(args) > USEFUL_LIFE_MS;

/** Refreshed moments ago and not about to end: Calendly's limit of 8 tokens a minute is better spent on others. */
function isRecentlyRefreshed(args: Args): boolean {
  const recent = 'recentMs' in args.event ? args.event.recentMs : RECENT_REFRESH;
  const age = Date.parse(args.event.at) - Date.parse(args.context.grant?.refreshedAt ?? '');
  return hasUsableGrant(args) && age < recent && isTokenAlive(args);
}

export const grantGuards = {
  hasUsableGrant,
  isCurrentGrant,
  isUpkeep: ({ context }: Args) => context.upkeep,
  isRoutine: ({ context }: Args) => context.routine,
  isRecentlyRefreshed,
  isTokenAlive,
  /** Looking again by itself spends no refresh while the token is good for a while, unless it is the refresh that fails. */
  isTokenGoodForLonger: (args: Args) =>
    hasUsableGrant(args) && args.context.refreshFailures === 0 && millisecondsLeft(args) > REFRESH_AHEAD,
};

export const startRefreshTimer = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefresh');
export const retryRefreshLater = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefreshRetry');
/** For a grant that is used on without a refresh: ahead of its token's end, or when a refresh that failed is to be tried again. */
export const planRefresh = s.enqueueActions(({ context, enqueue }) => {
  enqueue(context.refreshFailures === 0 ? startRefreshTimer : retryRefreshLater);
});
export const stopRefreshTimer = s.cancel('refresh');

/** New tokens for `grant`, whoever asked for them. */
export function refreshed(grant: Grant | null, event: ConnectionEvent): Grant | null {
  if (grant === null || (event.type !== 'token.refreshed' && event.type !== 'grant.recovered')) return grant;
  const { scope, expiresAt, refreshedAt } = event;
  return { ...grant, scope, expiresAt, refreshedAt, lost: false };
}

export const takeToken = s.assign({
  grant: ({ context, event }) => refreshed(context.grant, event),
  upkeep: false,
  refreshFailures: 0,
});
export const countRefreshFailure = s.assign({ refreshFailures: ({ context }) => context.refreshFailures + 1 });
export const loseGrant = s.assign({
  grant: ({ context }) => (context.grant === null ? null : { ...context.grant, lost: true }),
  upkeep: false,
  routine: false,
});

/** Organization and account as Calendly names them now: a moved organization is noticed here. */
export const identifyGrant = s.assign({
  grant: ({ context: { grant }, event }) =>
    grant === null || event.type !== 'account.identified'
      ? grant
      : {
          ...grant,
          accountUri: event.account.uri,
          organizationUri: event.account.organization ?? grant.organizationUri,
        },
});

/** A routine refresh lists nothing, and goes back to where it came from. */
export const markRoutine = s.assign({ routine: true });
export const endRoutine = s.assign({ routine: false, origin: 'reconnecting' });
/** A 401 is answered with a refresh, once in a pass. */
export const renewToken = s.assign({ renewed: true, routine: false });
export const renewRoutinely = s.assign({ renewed: true, routine: true });

/** A refresh beside the state: the state does not change, and does not wait for it. */
export const beginUpkeep = s.assign({ upkeep: true });
export const endUpkeep = s.assign({ upkeep: false });
export const refreshTokenAside = s.enqueueActions(({ context: { grant, generation }, enqueue }) => {
  if (grant !== null) enqueue({ type: 'refreshToken', params: { grantId: grant.id, generation } });
});
