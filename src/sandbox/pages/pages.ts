import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { addBookingPage } from './booking-page.ts';
import { addCancellationPage } from './cancellation-page.ts';
import { messagePage } from './message-page.ts';
import { addReschedulingPage } from './rescheduling-page.ts';
import { sendPage } from './send-page.ts';

/** The pages that an invitee opens at calendly.com. */
export function addPages(server: FastifyInstance, context: SandboxContext): void {
  server.get('/events/:uuid/google_meet', async (_request, reply) =>
    sendPage(reply, messagePage('The meeting room', 'At the real Calendly this link leads to the video conference.')),
  );
  addBookingPage(server, context);
  addCancellationPage(server, context);
  addReschedulingPage(server, context);
}
