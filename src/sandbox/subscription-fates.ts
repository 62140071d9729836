import type { SandboxContext } from './context.ts';
import { isAccessTokenLive } from './oauth/tokens.ts';
import type { Subscription } from './state.ts';
import type { Switches } from './switches.ts';

/** What happens to subscriptions when their owners' rights change is not documented, so each case is a switch. */
export type Fate = Switches['onTokenRevoked'];

export function applyFate(context: SandboxContext, fate: Fate, subscriptions: Subscription[]): void {
  if (fate === 'keep') return;
  for (const subscription of subscriptions) {
    if (subscription.deletedAt !== null) continue;
    const at = context.clock.stamp();
    subscription.updatedAt = at;
    if (fate === 'delete') subscription.deletedAt = at;
    else subscription.state = 'disabled';
  }
}

/** Called after a revocation. It has an effect only if the app has no valid token of this user any more. */
export function settleSubscriptionsOfRevokedAccess(context: SandboxContext, user: string, clientId: string): void {
  const hasAccess = context.state.tokens.some(
    (record) =>
      record.user === user &&
      record.clientId === clientId &&
      (record.refreshEndedAt === null || isAccessTokenLive(context, record)),
  );
  if (hasAccess) return;
  const made = context.state.subscriptions.filter((hook) => hook.creator === user && hook.clientId === clientId);
  applyFate(context, context.switches.onTokenRevoked, made);
}
