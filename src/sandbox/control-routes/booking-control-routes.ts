import type { FastifyInstance } from 'fastify';
import type { NewBooking } from '../bookings/book.ts';
import { ControlError } from '../controls/control-error.ts';
import type { CancelInput, Controls, RescheduleInput } from '../controls/controls.ts';
import type { Location } from '../state.ts';
import { readBody } from './read-body.ts';

export function bookingControlRoutes(server: FastifyInstance, controls: Controls): void {
  server.post('/sandbox/bookings', async (request, reply) =>
    reply.code(201).send(controls.book(readBody<NewBooking>(request))),
  );
  server.post('/sandbox/cancellations', async (request, reply) => {
    const input = readBody<CancelInput>(request);
    if (!('invitee' in input) && !('event' in input)) throw new ControlError(400, 'Name an invitee or an event.');
    controls.cancel(input);
    return reply.code(204).send();
  });
  server.post('/sandbox/reschedulings', async (request, reply) => {
    const input = readBody<RescheduleInput>(request);
    if (!input.invitee) throw new ControlError(400, 'Name an invitee.');
    return reply.code(201).send(controls.reschedule(input));
  });
  server.post('/sandbox/no-shows', async (request, reply) =>
    reply.code(201).send(controls.markNoShow(readBody<{ invitee: string }>(request).invitee)),
  );
  server.post('/sandbox/no-shows/delete', async (request, reply) => {
    controls.unmarkNoShow(readBody<{ invitee: string }>(request).invitee);
    return reply.code(204).send();
  });
  server.post('/sandbox/locations', async (request, reply) => {
    const { event, location } = readBody<{ event: string; location: Location | null }>(request);
    controls.updateLocation(event, location ?? null);
    return reply.code(204).send();
  });
}
