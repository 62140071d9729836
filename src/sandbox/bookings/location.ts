import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { Location, ScheduledEvent } from '../state.ts';

/** At `invitee.created`, a Google link is usually not ready yet, so the first delivery has no final join_url. */
export function conferenceLocation(context: SandboxContext, event: string): Location {
  return {
    join_url: `${context.publicUrl}/events/${event}/google_meet`,
    status: 'processing',
    type: 'google_conference',
  };
}

/** The location of a booking without a place, in Calendly's form. */
export function noLocation(): Location {
  return { location: null, type: 'custom' };
}

/** A Zoom meeting as recorded: the type is `zoom`, not the documents' `zoom_conference`, and the meeting's id is a number. */
function zoomLocation(): Location {
  const id = 80_000_000_000 + Math.floor(Math.random() * 10_000_000_000);
  return {
    data: {
      extra: { intl_numbers_url: 'https://us02web.zoom.example/u/invented' },
      id,
      password: 'invented',
      settings: {
        global_dial_in_numbers: [{ country: 'US', country_name: 'US', number: '+1 555 0100 100', type: 'toll' }],
      },
    },
    join_url: `https://us02web.zoom.example/j/${id}?pwd=invented`,
    status: 'pushed',
    type: 'zoom',
  };
}

/**
 * The location for what a booking asked for: null for no place, `{"type":"zoom"}` alone for a whole Zoom meeting, and anything else as it
 * is.
 */
export function locationOf(asked: Location | null): Location {
  if (asked === null) return noLocation();
  return asked.type === 'zoom' && Object.keys(asked).length === 1 ? zoomLocation() : asked;
}

/**
 * Updates a location by the clock: "processing" becomes "pushed" at its time. That changes the event, and so `updated_at`. It happens when
 * the event is read, so it needs no timer and works across restarts.
 */
export function refreshLocation(context: SandboxContext, event: ScheduledEvent): void {
  if (event.locationReadyAtMs === null || event.locationReadyAtMs > context.clock.nowMs()) return;
  const readyAt = stampOf(event.locationReadyAtMs);
  if (event.location) event.location.status = 'pushed';
  event.locationReadyAtMs = null;
  if (event.updatedAt < readyAt) event.updatedAt = readyAt;
}
