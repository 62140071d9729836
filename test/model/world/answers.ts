import type { EffectType } from '../../../machines/connection/index.ts';
import { SECOND } from '../events/payloads.ts';
import { casesAt, type StampedCase } from '../event-catalogue.ts';
import { momentOfStep } from '../moment.ts';
import { listingOf } from './truth.ts';
import type { Happening, PendingEffect, ModelWorld } from './world.ts';

/** The events that each effect can answer with; the first case of the first one is what a healthy Calendly says. */
const ANSWERS: Record<EffectType, string[]> = {
  exchangeCode: ['token.issued', 'code.refused', 'call.failed'],
  identifyAccount: ['account.identified', 'call.failed', 'grant.unusable'],
  refreshToken: [
    'token.refreshed',
    'token.refreshRejected',
    'token.refreshFailed',
    'grant.unusable',
    'grant.recovered',
  ],
  listSubscriptions: ['subscriptions.listed', 'call.failed', 'permission.refused', 'grant.unusable'],
  createSubscription: [
    'subscription.created',
    'subscription.conflicted',
    'permission.refused',
    'call.failed',
    'grant.unusable',
  ],
  deleteSubscription: ['debt.settled', 'debt.postponed', 'debt.refused', 'debt.blocked'],
  revokeGrant: ['debt.settled', 'debt.postponed', 'debt.refused', 'debt.blocked'],
  checkSubscription: ['subscription.checked', 'subscription.uncheckable'],
  backfillMeetings: ['backfill.completed', 'backfill.failed'],
};

/** All answers that this effect could get now, the best one first. */
export function answersTo(world: ModelWorld, pending: PendingEffect): Happening[] {
  const { effect, asked } = pending;
  const moment = momentOfStep(asked, world.events.length, world.now);
  return casesAt(moment, ANSWERS[effect.type])
    .filter((each) => isAbout(pending, each) && canBe(world, pending, each))
    .flatMap((each) => variants(world, pending, each).map((variant) => ({ ...variant, answers: pending })));
}

/** Of the cases of a moment only those that speak of this very effect's grant, debt or subscription. */
function isAbout({ effect: { params } }: PendingEffect, { event, stray, after = SECOND }: StampedCase): boolean {
  if (stray || after !== SECOND) return false;
  const theirs = event as unknown as Record<string, unknown>;
  if ('debtId' in params) return theirs['debtId'] === params.debtId;
  if (event.type === 'account.identified' || event.type === 'token.issued' || theirs['grantId'] === undefined)
    return true;
  return !('grantId' in params) || theirs['grantId'] === params.grantId;
}

function canBe(
  { truth, pending }: ModelWorld,
  { effect: { type, params } }: PendingEffect,
  { event }: StampedCase,
): boolean {
  // Tokens that are revoked and wiped cannot be refreshed; the effect says so.
  if (type === 'refreshToken') return truth.grants.has(params.grantId) === (event.type !== 'grant.unusable');
  // A webhook whose create is still under way may yet come into being: its deletion cannot be settled.
  if (type === 'deleteSubscription' && event.type === 'debt.settled') {
    return !pending.some(
      ({ effect }) => effect.type === 'createSubscription' && effect.params.subscriptionId === params.subscriptionId,
    );
  }
  return true;
}

function variants(
  { truth }: ModelWorld,
  { effect, asked }: PendingEffect,
  { says, event, stamped }: StampedCase,
): Happening[] {
  const account = asked.grant?.accountUri ?? null;
  if (event.type === 'subscriptions.listed') {
    // Of all listings that one could think of, Calendly gives the true one.
    if (event.found.length > 0) return [];
    return [true, false].map((fits) => ({
      says: fits ? 'listing shows what is there' : 'listing shows what is there, disabled',
      event: { ...stamped, found: listingOf(truth, account, fits) } as Happening['event'],
    }));
  }
  if (effect.type === 'createSubscription' && event.type === 'call.failed' && !event.failure.certain) {
    const leaves = { subscriptionId: effect.params.subscriptionId, accountUri: account };
    return [
      { says, event: stamped },
      { says: `${says}, but the webhook came into being`, event: stamped, leaves },
    ];
  }
  return [{ says, event: stamped }];
}
