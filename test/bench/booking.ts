/** A delivery of a booking of its own, of the usual size. `at`: when it was booked. */
export function bookingOf(id: string, at = new Date().toISOString()): object {
  const event = `https://api.calendly.com/scheduled_events/${id}`;
  return {
    created_at: at,
    created_by: 'https://api.calendly.com/users/BENCH',
    event: 'invitee.created',
    payload: {
      cancel_url: 'https://calendly.com/cancellations/x',
      created_at: at,
      email: 'guest@bench.example',
      event,
      name: 'Bench Guest',
      new_invitee: null,
      no_show: null,
      old_invitee: null,
      rescheduled: false,
      reschedule_url: 'https://calendly.com/reschedulings/x',
      scheduled_event: {
        end_time: '2026-07-01T10:30:00.000000Z',
        event_memberships: [{ user: 'https://api.calendly.com/users/BENCH' }],
        location: null,
        name: 'Bench',
        start_time: '2026-07-01T10:00:00.000000Z',
        status: 'active',
        updated_at: at,
        uri: event,
      },
      status: 'active',
      timezone: 'Europe/Zurich',
      updated_at: at,
      uri: `${event}/invitees/1`,
    },
  };
}
