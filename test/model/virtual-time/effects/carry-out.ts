import type { Effect, EffectType } from '../../../../machines/connection/index.ts';
import { deleteSubscription, revokeGrant } from './debts.ts';
import { failureIn, told, withStoredToken, type Run, type Surroundings, type VirtualEffect } from './run.ts';
import { checkSubscription, createSubscription, listSubscriptions } from './subscriptions.ts';
import { exchangeCode, identifyAccount, refreshToken } from './tokens.ts';

/** Events that a back-fill reads, each with a page of invitees. */
const EVENTS = 2;

const backfillMeetings: VirtualEffect<'backfillMeetings'> = ({ grantId, run }, at) =>
  withStoredToken(
    at,
    grantId,
    (failure) => ({ type: 'backfill.failed', run, failure }),
    (note) => {
      const { events } = at.said;
      note(events);
      if (events !== null)
        return told(
          { type: 'backfill.failed', run, failure: failureIn(events, 'events_not_readable') },
          { apiCalls: 1 },
        );
      return told(
        { type: 'backfill.completed', run, meetings: EVENTS, recovered: 0, skipped: 0 },
        { apiCalls: 1 + EVENTS },
      );
    },
  );

const effects: { [T in EffectType]: VirtualEffect<T> } = {
  exchangeCode,
  identifyAccount,
  refreshToken,
  listSubscriptions,
  createSubscription,
  checkSubscription,
  deleteSubscription,
  revokeGrant,
  backfillMeetings,
};

export function carryOut({ type, params }: Effect, at: Surroundings): Run {
  return (effects[type] as (params: object, at: Surroundings) => Run)(params, at);
}
