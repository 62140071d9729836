import { actionSetup as s, startTimer } from './action-setup.ts';
import type { ConnectionContext, Grant } from './context.ts';
import { DEFAULT_RECENT_REFRESH, millisecondsLeft, REFRESH_AHEAD } from './delays.ts';
import type { Args, ConnectionEvent } from './events.ts';

/** The current grant. Its tokens are refreshed in every state, and they are used before a person is asked for consent. */

/** Problems that only another consent can solve. */
const NEEDS_CONSENT = new Set(['scope_missing', 'issuer_changed', 'credential_unreadable']);
/** An access token with less life than this is refreshed before it is used. */
export const USEFUL_LIFE_MS = 60_000;

const hasUsableGrant = ({ context }: Args): boolean => context.grant !== null && !context.grant.lost;
/** True if there is no grant, or if it cannot be used any more. Then only a person can give a new one. */
export const needsConsent = ({ grant, problem }: ConnectionContext): boolean =>
  grant === null || grant.lost || NEEDS_CONSENT.has(problem?.code ?? '');
export const grantIdOf = (event: ConnectionEvent) => ('grantId' in event ? event.grantId : undefined);
const isCurrentGrant = ({ context, event }: Args) => context.grant !== null && grantIdOf(event) === context.grant.id;

const isTokenAlive = (args: Args) => millisecondsLeft(args) > USEFUL_LIFE_MS;

/** True if a refresh would bring little: Calendly issues at most 8 tokens a minute for a user. */
function isRecentlyRefreshed(args: Args): boolean {
  const recent = 'recentMs' in args.event ? args.event.recentMs : DEFAULT_RECENT_REFRESH;
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
  /** For tries by timer: they refresh only a token that ends soon, or one whose last refresh failed. */
  isTokenGoodForLonger: (args: Args) =>
    hasUsableGrant(args) && args.context.refreshFailures === 0 && millisecondsLeft(args) > REFRESH_AHEAD,
};

export const startRefreshTimer = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefresh');
export const retryRefreshLater = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefreshRetry');
/** For a grant that goes on without a refresh. After a failed refresh the next one comes sooner. */
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

/** Takes account and organization as Calendly names them now. The organization changes when the user moves to another one. */
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

/** A routine refresh goes back to where it came from, without a new listing. */
export const markRoutine = s.assign({ routine: true });
export const endRoutine = s.assign({ routine: false, origin: 'reconnecting' });
/** After a 401 the token is refreshed, once in a pass. */
export const renewToken = s.assign({ renewed: true, routine: false });
export const renewRoutinely = s.assign({ renewed: true, routine: true });

/** Upkeep is a refresh that the state does not wait for. */
export const beginUpkeep = s.assign({ upkeep: true });
export const endUpkeep = s.assign({ upkeep: false });
export const refreshTokenAside = s.enqueueActions(({ context: { grant, generation }, enqueue }) => {
  if (grant !== null) enqueue({ type: 'refreshToken', params: { grantId: grant.id, generation } });
});
