import type { TenantSettings } from '../../machines/connection/index.ts';
import { WEBHOOK_EVENTS } from '../config/webhook-events.ts';

type WebhookScope = 'user' | 'organization';

/** What the deployment's settings say for every tenant that has no settings of its own. */
export interface DeploymentSettings {
  webhookScope: WebhookScope;
  webhookEvents: readonly string[];
  /** `user`: where Calendly refuses organization scope to a plain member, a webhook of user scope is made. */
  webhookFallback: 'none' | 'user';
  pollingMinutes: number;
  watchMinutes: number;
  backfillPastDays: number;
  backfillHours: number;
}

/** The webhook that is wanted for a tenant. */
export interface WantedWebhooks {
  scope: WebhookScope;
  events: readonly string[];
  /** If Calendly refuses organization scope to a plain member: user scope, with the events that user scope allows. */
  fallback: { scope: 'user'; events: readonly string[] } | null;
}

export interface EffectiveSettings {
  webhooks: WantedWebhooks;
  pollingMinutes: number;
  watchMinutes: number;
  backfillPastDays: number;
  backfillHours: number;
}

/** The deployment's settings, with the tenant's own in their place. */
export function effectiveSettings(deployment: DeploymentSettings, own: TenantSettings): EffectiveSettings {
  const scope = own.webhookScope ?? deployment.webhookScope;
  // The deployment's scope may have changed since the tenant's events were checked against it: Calendly would refuse all of them.
  const chosen = eventsWithin(scope, own.webhookEvents ?? []);
  const events = chosen.length > 0 ? chosen : eventsWithin(scope, deployment.webhookEvents);
  const hasFallback = scope === 'organization' && deployment.webhookFallback === 'user';
  return {
    webhooks: { scope, events, fallback: hasFallback ? { scope: 'user', events: eventsWithin('user', events) } : null },
    pollingMinutes: own.pollingMinutes ?? deployment.pollingMinutes,
    watchMinutes: deployment.watchMinutes,
    backfillPastDays: own.backfillPastDays ?? deployment.backfillPastDays,
    backfillHours: own.backfillHours ?? deployment.backfillHours,
  };
}

/** Why Calendly would refuse a webhook with these settings; null if nothing is known against it. */
export function faultOf(deployment: DeploymentSettings, own: TenantSettings): string | null {
  const scope = own.webhookScope ?? deployment.webhookScope;
  if (own.webhookEvents === null) {
    return eventsWithin(scope, deployment.webhookEvents).length > 0
      ? null
      : `webhookEvents is missing: a webhook of scope ${scope} can have none of the events that the deployment asks for.`;
  }
  const allowed = eventsWithin(scope, own.webhookEvents);
  const elsewhere = own.webhookEvents.filter((event) => !allowed.includes(event));
  return elsewhere.length === 0 ? null : `A webhook of scope ${scope} cannot have ${elsewhere.join(', ')}.`;
}

const eventsWithin = (scope: WebhookScope, events: readonly string[]): string[] =>
  events.filter((event) => WEBHOOK_EVENTS[event]?.includes(scope));
