import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { Location, ScheduledEvent } from '../state.ts';

/** At `invitee.created` a Google link is usually still being made; no join_url is final in the first delivery. */
export function conferenceLocation(context: SandboxContext, event: string): Location {
  return { join_url: `${context.publicUrl}/events/${event}/google_meet`, status: 'processing', type: 'google_conference' };
}

/**
 * Brings a location up to date with the clock: "processing" becomes "pushed" when its time has come. That is a change of
 * the event, hence `updated_at`. Worked out when looked at, so that it needs no timer and happens across restarts.
 */
export function refreshLocation(context: SandboxContext, event: ScheduledEvent): void {
  if (event.locationReadyAtMs === null || event.locationReadyAtMs > context.clock.nowMs()) return;
  const readyAt = stampOf(event.locationReadyAtMs);
  if (event.location) event.location.status = 'pushed';
  event.locationReadyAtMs = null;
  if (event.updatedAt < readyAt) event.updatedAt = readyAt;
}
