import type { ConnectionContext } from '../../machines/connection/index.ts';

/** A call that Calendly refused or did not answer. `failure` is set where no answer came. */
export interface FailedCall {
  exchangeId: string;
  at: string;
  status: number | null;
  failure: string | null;
  path: string;
}

/** All that a diagnosis may know of a tenant: stored, and without a secret. Times are RFC 3339. */
export interface Facts {
  tenantId: string;
  now: string;
  /** The state as a dotted path, and since when. */
  place: string;
  since: string;
  /** Since when the tenant has been neither connected nor disconnected. Tries and failures in between do not change it. */
  unwellSince: string | null;
  version: number;
  /** Null: a newer release wrote it, and only that release can read it. */
  context: ConnectionContext | null;
  eraseRequestedAt: string | null;
  service: {
    /** When an instance last noted that it is running; null: none ever did. */
    lastSeenAt: string | null;
    /** The installation that the database belongs to, if this process may not act because of it. */
    otherInstallation: { publicUrl: string; adoptedAt: string } | null;
  };
  /** Calendly's answer to the call that the connection's problem speaks of. */
  answer: { status: number | null; failure: string | null; path: string } | null;
  /** The latest calls that failed, while tokens cannot be refreshed or meetings cannot be fetched beside a connection. */
  failed: { refresh: FailedCall | null; backfill: FailedCall | null };
  /** Tenants that the same problem keeps from connecting at this moment, this one included. */
  outage: { tenants: number; since: string } | null;
  /** Work that is long due and has not begun. */
  overdue: { what: string; dueAt: string } | null;
  refresh: {
    /** When the refresh was sent whose answer has not come, and may be lost. */
    openSince: string | null;
    /** When a refresh of the current grant was sent whose answer was lost. */
    lostAnswerAt: string | null;
    failedAt: string | null;
  };
  webhook: { lastDeliveryAt: string | null; slowSince: string | null; slow: number } | null;
  /** About the tenant's latest deliveries. */
  deliveries: {
    /** Refused ones of the last hour, unless an accepted one followed. `verdict`: that of the latest. */
    refused: { count: number; since: string; verdict: string } | null;
    unreadable: { count: number; since: string } | null;
    /** Deliveries that are stored and could not be applied yet. */
    unapplied: { count: number; since: string; error: string } | null;
  };
  host: {
    parked: { count: number; since: string; error: string } | null;
    refusing: { attempts: number; since: string; error: string } | null;
  };
  /** The latest back-fill run. */
  run: { reason: string; updatedAt: string; finishedAt: string | null; recovered: number; skipped: number } | null;
}

/**
 * The state that the connection is in. During a consent, it is the state that the connection goes back to if the consent comes to nothing.
 */
export function placeBehind({ place, context }: Facts): string {
  if (!place.startsWith('authorizing') || context === null) return place;
  const { origin } = context;
  if (origin === 'webhooks' || origin === 'polling') return `connected.${origin}`;
  if (origin === 'disconnected') return 'disconnected.idle';
  return origin === 'reconnecting' ? 'refreshing.provingGrant' : `error.${origin}`;
}

export const minutesSince = (facts: Facts, at: string): number => (Date.parse(facts.now) - Date.parse(at)) / 60_000;
