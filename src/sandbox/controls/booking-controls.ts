import { requireAccount } from '../accounts.ts';
import { book } from '../bookings/book.ts';
import { cancelEvent, cancelInvitee } from '../bookings/cancel.ts';
import { findEvent, findInvitee } from '../bookings/find.ts';
import { cancelUrl, rescheduleUrl } from '../bookings/invitee-view.ts';
import { locationOf } from '../bookings/location.ts';
import { markNoShow, unmarkNoShow } from '../bookings/no-show.ts';
import { reschedule } from '../bookings/reschedule.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from './control-error.ts';
import type { Booking, Controls } from './controls.ts';
import { announce } from '../deliveries/announce.ts';
import type { Invitee } from '../state.ts';
import { inviteeUri, uriOf } from '../uris.ts';

type BookingControls = Pick<
  Controls,
  'book' | 'cancel' | 'reschedule' | 'markNoShow' | 'unmarkNoShow' | 'updateLocation'
>;

export function bookingControls(context: SandboxContext): BookingControls {
  /** Saves before sending, so that deliveries are sent after a restart between the two. */
  const settle = () => {
    context.save();
    context.wakeDeliveries();
  };
  return {
    book: (booking) => {
      if (!booking.name || !booking.email) throw new ControlError(400, 'A booking needs a name and an email.');
      if (booking.group === undefined) requireAccount(context, booking.account);
      const invitee = book(context, booking);
      settle();
      return viewBooking(context, invitee);
    },
    cancel: (input) => {
      const by = { by: input.by ?? 'invitee', ...(input.reason !== undefined && { reason: input.reason }) };
      if ('event' in input) {
        cancelEvent(context, findEvent(context, input.event), { ...by, by: input.by ?? 'host' });
      } else {
        const invitee = findInvitee(context, input.invitee);
        cancelInvitee(context, invitee, by);
        announce(context, 'invitee.canceled', invitee);
      }
      settle();
    },
    reschedule: ({ invitee, ...time }) => {
      const successor = reschedule(context, findInvitee(context, invitee), time);
      settle();
      return viewBooking(context, successor);
    },
    markNoShow: (name) => {
      const { uuid } = markNoShow(context, findInvitee(context, name));
      settle();
      return { uri: uriOf(context, 'invitee_no_shows', uuid) };
    },
    unmarkNoShow: (name) => {
      unmarkNoShow(context, findInvitee(context, name));
      settle();
    },
    updateLocation: (name, location) => {
      const event = findEvent(context, name);
      Object.assign(event, {
        location: locationOf(location),
        locationReadyAtMs: null,
        updatedAt: context.clock.stamp(),
      });
      settle();
    },
  };
}

function viewBooking(context: SandboxContext, invitee: Invitee): Booking {
  return {
    eventUri: uriOf(context, 'scheduled_events', invitee.event),
    inviteeUri: inviteeUri(context, invitee),
    cancelUrl: cancelUrl(context, invitee.uuid),
    rescheduleUrl: rescheduleUrl(context, invitee.uuid),
    startTime: findEvent(context, invitee.event).startTime,
  };
}
