import type { Account, ConnectionContext, ConnectionEvent } from '../../../machines/connection/index.ts';

export interface Sample {
  /** What is assumed about the event; empty if nothing has to be assumed. */
  label: string;
  event: ConnectionEvent;
}

const NO_ID = '00000000-0000-4000-8000-000000000000';
const HOUR = 3_600_000;
const SOMEBODY: Account = {
  uri: 'https://api.calendly.com/users/SOMEBODY-ELSE',
  email: 'somebody@else.example',
  name: 'Somebody Else',
  organization: 'https://api.calendly.com/organizations/ELSEWHERE',
};

/**
 * Events of one type as they could come now, with the generation, grant and debt that the machine expects. If an event's content decides,
 * there is one event for each case.
 */
export function sampleEvents(
  type: string,
  context: ConnectionContext,
  { now, recentMs }: { now: Date; recentMs: number },
): Sample[] {
  const usual = { ...usualFields(context, now), recentMs, type };
  const one = (label: string, fields: Record<string, unknown> = {}): Sample => ({
    label,
    event: { ...usual, ...fields } as unknown as ConnectionEvent,
  });
  const own = context.grant?.accountUri ?? SOMEBODY.uri;
  switch (type) {
    case 'connect':
      return [one('same account'), one('another account wanted', { switchAccount: true })];
    case 'import':
      return [
        one('with an access token that is good', { grantId: NO_ID }),
        one('with a refresh token alone', { grantId: NO_ID, expiresAt: new Date(0).toISOString() }),
      ];
    case 'configure':
      return [
        one('another webhook scope', { settings: { ...context.settings, webhookScope: otherScope(context) } }),
        one('another polling interval', { settings: { ...context.settings, pollingMinutes: 60 }, pollingMinutes: 60 }),
      ];
    case 'account.identified':
      return [
        one('the same account', { account: { ...SOMEBODY, uri: own, email: null, name: null } }),
        one('another account', { account: SOMEBODY }),
      ];
    case 'permission.refused':
      return [
        one('the plan has no webhooks', { reason: 'plan' }),
        one('a scope is missing', { reason: 'scope', missingScopes: ['webhooks:write'] }),
        one('the role is too small', { reason: 'role' }),
      ];
    case 'subscriptions.listed':
      return [
        one('none of ours', { found: [] }),
        ...(context.subscription === null
          ? []
          : [
              one('ours, as wanted', { found: [{ subscriptionId: context.subscription, uri: '…', fits: true }] }),
              one('ours, but disabled or changed', {
                found: [{ subscriptionId: context.subscription, uri: '…', fits: false }],
              }),
            ]),
      ];
    case 'subscription.checked':
      return [one('intact', { intact: true }), one('disabled', { intact: false, reason: 'disabled' })];
    case 'debt.settled':
    case 'debt.postponed':
    case 'debt.blocked':
    case 'debt.due':
      return context.debts.length === 0
        ? [one('no debt is open')]
        : context.debts.map((debt) => one(debt.id, { debtId: debt.id }));
    case 'call.failed':
    case 'token.refreshFailed':
    case 'backfill.failed':
    case 'subscription.uncheckable':
      return (['transient', 'unauthorized', 'invalid'] as const).map((kind) =>
        one(FAILURES[kind], { failure: failure(kind) }),
      );
    default:
      return [one('')];
  }
}

const otherScope = ({ settings }: ConnectionContext) => (settings.webhookScope === 'user' ? 'organization' : 'user');

const FAILURES = {
  transient: 'Calendly fails for a while',
  unauthorized: 'the access token is refused',
  invalid: 'our request is refused',
} as const;

const failure = (kind: keyof typeof FAILURES) => ({
  kind,
  code: `assumed_${kind}`,
  message: 'Assumed.',
  exchangeId: null,
  certain: kind !== 'transient',
  retryAfterSeconds: 0,
});

/** Every field that an event can have. The machine reads those that belong to its type. */
function usualFields(context: ConnectionContext, now: Date): Record<string, unknown> {
  const grantId = context.grant?.id ?? context.candidate?.id ?? NO_ID;
  const accountUri = context.pendingAccount?.uri ?? context.grant?.accountUri ?? SOMEBODY.uri;
  return {
    at: now.toISOString(),
    id: NO_ID,
    generation: context.generation,
    run: context.backfill.run,
    grantId,
    accountUri,
    organizationUri: context.grant?.organizationUri ?? null,
    scope: context.grant?.scope ?? [],
    refreshedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 2 * HOUR).toISOString(),
    switchAccount: false,
    importId: NO_ID,
    webhooks: [],
    attemptId: context.attempt?.id ?? NO_ID,
    attemptExpiresAt: new Date(now.getTime() + HOUR).toISOString(),
    subscriptionId: context.draft?.id ?? context.subscription ?? NO_ID,
    uri: '…',
    missingScopes: [],
    fallback: null,
    reason: null,
    retryStartedAt: null,
    found: [],
    wanted: {
      scope: context.draft?.scope ?? 'user',
      events: context.draft?.events ?? ['invitee.created'],
      pollingMinutes: 15,
      watchMinutes: 60,
    },
    problem: { code: 'assumed', message: 'Assumed.', exchangeId: null },
    failure: failure('transient'),
    debtId: context.debts[0]?.id ?? '',
    meetings: 0,
    recovered: 0,
    since: now.toISOString(),
    pollingMinutes: context.pollingMinutes,
  };
}
