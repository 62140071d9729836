import type { EffectType } from '../../machines/connection/index.ts';
import { backfillMeetings } from './backfill-meetings.ts';
import { checkSubscription } from './check-subscription.ts';
import { createSubscription } from './create-subscription.ts';
import { deleteSubscription } from './delete-subscription.ts';
import type { EffectImplementation } from './effect.ts';
import { exchangeCode } from './exchange-code.ts';
import { identifyAccount } from './identify-account.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { refreshToken } from './refresh-token.ts';
import { revokeGrant } from './revoke-grant.ts';

/** Every effect that the machine can ask for; the type makes the map exhaustive. */
export const effects: { [T in EffectType]: EffectImplementation<T> } = {
  exchangeCode,
  identifyAccount,
  refreshToken,
  listSubscriptions,
  createSubscription,
  deleteSubscription,
  revokeGrant,
  checkSubscription,
  backfillMeetings,
};
