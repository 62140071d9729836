import { type Static, Type } from 'typebox';

const id = Type.String({ format: 'uuid' });
const generation = Type.Integer({ minimum: 0 });

/** Every effect with its parameters: ids only, never a secret. Read back from the store, they are checked against this. */
export const effectParams = {
  exchangeCode: Type.Object({ attemptId: id, generation }),
  identifyAccount: Type.Object({ grantId: id, generation }),
  refreshToken: Type.Object({ grantId: id, generation }),
  listSubscriptions: Type.Object({ grantId: id, generation }),
  createSubscription: Type.Object({ subscriptionId: id, grantId: id, generation }),
  deleteSubscription: Type.Object({ debtId: Type.String(), subscriptionId: id, grantId: id }),
  revokeGrant: Type.Object({ debtId: Type.String(), grantId: id }),
  checkSubscription: Type.Object({ grantId: id, subscriptionId: id }),
  backfillMeetings: Type.Object({
    grantId: id,
    run: Type.Integer(),
    reason: Type.Enum(['first', 'resubscribed', 'gap', 'daily', 'poll', 'skipped']),
  }),
} as const;

export type EffectType = keyof typeof effectParams;
export type EffectParams<T extends EffectType> = Static<(typeof effectParams)[T]>;
export type Effect = { [T in EffectType]: { type: T; params: EffectParams<T> } }[EffectType];
