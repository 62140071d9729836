import type { Fact, Failure, FoundSubscription } from '../../../machines/connection/index.ts';
import type { Moment } from '../moment.ts';
import type { CasesFor } from './case.ts';
import { failures, refusal, WANTED } from './payloads.ts';

type SubscriptionFact = Extract<Fact, { type: `subscription${string}` | 'permission.refused' | 'gap.noticed' }>;

const uriOf = (id: string) => `https://api.calendly.com/webhook_subscriptions/${id}`;
const found = (subscriptionId: string, fits: boolean): FoundSubscription => ({
  subscriptionId,
  uri: uriOf(subscriptionId),
  fits,
});

/** What a listing can show, by the role of each subscription. */
function listings({ context: { subscription, draft, debts }, fresh }: Moment): [string, FoundSubscription[]][] {
  const owed = debts.find((debt) => debt.subscriptionId !== null && debt.subscriptionId !== draft?.id)?.subscriptionId;
  const leftover = fresh('leftover');
  return [
    ['nothing', []],
    ['a leftover that fits', [found(leftover, true)]],
    ['a leftover that does not fit', [found(leftover, false)]],
    ...(subscription
      ? ([
          ['the live one', [found(subscription, true)]],
          ['the live one disabled', [found(subscription, false)]],
          ['the live one and a leftover', [found(subscription, true), found(leftover, true)]],
        ] as [string, FoundSubscription[]][])
      : []),
    ...(draft
      ? ([
          ['the draft', [found(draft.id, true)]],
          ['the draft disabled', [found(draft.id, false)]],
        ] as [string, FoundSubscription[]][])
      : []),
    ...(owed ? ([['one that is owed', [found(owed, true)]]] as [string, FoundSubscription[]][]) : []),
  ];
}

/** Webhooks listed, created, refused, looked at. */
export const subscriptionCases: CasesFor<SubscriptionFact> = {
  'subscriptions.listed': (moment) => {
    const { generation } = moment.context;
    const listed = { type: 'subscriptions.listed', generation, wanted: WANTED } as const;
    return [
      ...listings(moment).map(([words, shown]) => ({
        says: `listing shows ${words}`,
        event: { ...listed, found: shown },
      })),
      { says: 'listing of an earlier step', event: { ...listed, generation: generation - 1, found: [] }, stray: true },
    ];
  },
  'subscription.created': ({ context: { generation, draft, debts, grant, subscription }, fresh }) => {
    const creditor = { grantId: grant?.id ?? fresh('former grant'), accountUri: grant?.accountUri ?? null };
    const created = (id: string, of: { grantId: string; accountUri: string | null }, at: number) =>
      ({
        type: 'subscription.created',
        generation: at,
        subscriptionId: id,
        uri: uriOf(id),
        grantId: of.grantId,
        accountUri: of.accountUri,
      }) as const;
    const open = debts.find((debt) => debt.subscriptionId !== null && debt.subscriptionId !== draft?.id);
    return [
      ...(draft ? [{ says: 'subscription created', event: created(draft.id, creditor, generation) }] : []),
      ...(draft
        ? [
            {
              says: 'subscription created for an earlier step',
              event: created(draft.id, creditor, generation - 1),
              stray: true,
            } as const,
          ]
        : []),
      ...(open
        ? [
            {
              says: 'owed subscription created late',
              event: created(open.subscriptionId!, open, generation - 1),
              stray: true,
            } as const,
          ]
        : []),
      ...(subscription
        ? [
            {
              says: 'live subscription created twice',
              event: created(subscription, creditor, generation - 1),
              stray: true,
            } as const,
          ]
        : []),
      {
        says: 'forgotten subscription created late',
        event: created(fresh('forgotten'), creditor, generation - 1),
        stray: true,
      },
    ];
  },
  'subscription.conflicted': ({ context: { generation, draft }, fresh }) => {
    const conflicted = {
      type: 'subscription.conflicted',
      generation,
      subscriptionId: draft?.id ?? fresh('draft'),
      problem: refusal('webhook_conflict'),
    } as const;
    return [
      { says: 'subscription conflicted (409)', event: conflicted },
      {
        says: 'subscription of an earlier step conflicted',
        event: { ...conflicted, generation: generation - 1 },
        stray: true,
      },
    ];
  },
  'permission.refused': ({ context: { generation, draft } }) => {
    const refused = {
      type: 'permission.refused',
      generation,
      subscriptionId: draft?.id ?? null,
      missingScopes: [] as string[],
      fallback: null,
    } as const;
    return [
      { says: 'plan without webhooks', event: { ...refused, reason: 'plan', problem: refusal('plan_refused') } },
      {
        says: 'scope missing',
        event: { ...refused, reason: 'scope', missingScopes: ['webhooks:write'], problem: refusal('scope_missing') },
      },
      { says: 'role refused', event: { ...refused, reason: 'role', problem: refusal('role_refused') } },
      {
        says: 'role refused for the organization alone',
        event: {
          ...refused,
          reason: 'role',
          fallback: { scope: 'user', events: WANTED.events },
          problem: refusal('role_refused'),
        },
      },
      {
        says: 'refusal of an earlier step',
        stray: true,
        event: { ...refused, generation: generation - 1, reason: 'plan', problem: refusal('plan_refused') },
      },
    ];
  },
  'subscription.checked': ({ context: { subscription }, now, fresh }) => {
    const checked = { type: 'subscription.checked', intact: true, retryStartedAt: null, reason: null } as const;
    const startedAt = new Date(now).toISOString();
    return [
      ...(subscription
        ? [
            { says: 'subscription found intact', event: { ...checked, subscriptionId: subscription } },
            {
              says: 'subscription found retrying',
              event: { ...checked, subscriptionId: subscription, retryStartedAt: startedAt },
            },
            {
              says: 'subscription found disabled',
              event: { ...checked, subscriptionId: subscription, intact: false, reason: 'disabled' },
            },
          ]
        : []),
      {
        says: 'former subscription found disabled',
        stray: true,
        event: { ...checked, subscriptionId: fresh('former'), intact: false, reason: 'disabled' },
      },
    ];
  },
  'subscription.uncheckable': ({ context: { subscription }, fresh }) => {
    const uncheckable = (subscriptionId: string, failure: Failure) =>
      ({ type: 'subscription.uncheckable', subscriptionId, failure }) as const;
    return [
      ...(subscription
        ? [
            { says: 'subscription not checked for now', event: uncheckable(subscription, failures.unavailable) },
            { says: 'subscription not checked (401)', event: uncheckable(subscription, failures.unauthorized) },
          ]
        : []),
      {
        says: 'former subscription not checked',
        event: uncheckable(fresh('former'), failures.unavailable),
        stray: true,
      },
    ];
  },
  'gap.noticed': ({ now }) => [
    { says: 'gap noticed', event: { type: 'gap.noticed', since: new Date(now).toISOString() } },
  ],
};
