import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { Location, ScheduledEvent } from '../state.ts';

/** At `invitee.created` a Google link is usually still being made; no join_url is final in the first delivery. */
export function conferenceLocation(context: SandboxContext, event: string): Location {
  return {
    join_url: `${context.publicUrl}/events/${event}/google_meet`,
    status: 'processing',
    type: 'google_conference',
  };
}

/** How Calendly says that a booking has no place. */
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

/** What a booking asked for: null for no place, `{"type":"zoom"}` alone for a whole Zoom meeting, anything else as it is. */
export function locationOf(asked: Location | null): Location {
  if (asked === null) return noLocation();
  return asked.type === 'zoom' && Object.keys(asked).length === 1 ? zoomLocation() : asked;
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
