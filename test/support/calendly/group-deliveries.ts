import { deliveryJson } from './delivery-fixtures.ts';

const EVENTS = 'https://api.calendly.com/scheduled_events';

/** A delivery about one invitee of a group event, by its number: booked, or canceled together with the event. */
export function groupDelivery(
  event: string,
  invitee: number | string,
  { canceled = false }: { canceled?: boolean } = {},
): any {
  const envelope = deliveryJson('invitee-created');
  const uri = `${EVENTS}/${event}`;
  const [status, second] = canceled ? ['canceled', '40'] : ['active', '10'];
  envelope.event = canceled ? 'invitee.canceled' : 'invitee.created';
  Object.assign(envelope.payload, {
    event: uri,
    uri: `${uri}/invitees/${invitee}`,
    name: `Invitee ${invitee}`,
    status,
    updated_at: `2026-05-01T11:00:${second}.000001Z`,
  });
  Object.assign(envelope.payload.scheduled_event, { uri, status, updated_at: `2026-05-01T11:00:${second}.000000Z` });
  return envelope;
}
