import type { FastifyInstance } from 'fastify';
import { findEvent } from '../bookings/find.ts';
import { reschedule } from '../bookings/reschedule.ts';
import { isTaken } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { confirmationPage, meetingSummary } from './confirmation-page.ts';
import { html } from './html.ts';
import { inviteeOf } from './invitee-of.ts';
import { layout } from './layout.ts';
import { messagePage } from './message-page.ts';
import { sendPage } from './send-page.ts';
import { readStart, slotChoices } from './slot-choices.ts';

const again = html`<p><a href="">Choose again</a></p>`;

/** Where `reschedule_url` leads. */
export function addReschedulingPage(server: FastifyInstance, context: SandboxContext): void {
  server.get<{ Params: { uuid: string } }>('/reschedulings/:uuid', async ({ params }, reply) => {
    const invitee = inviteeOf(context, reply, params.uuid);
    if (!invitee) return reply;
    const { host } = findEvent(context, invitee.event);
    const body = html`<h1>Choose another time</h1>${meetingSummary(context, invitee)}
<form method="post"><h2>When</h2>${slotChoices(context, host)}
<div class="actions"><button class="primary">Reschedule the meeting</button></div></form>`;
    return sendPage(reply, layout('Reschedule', body));
  });

  server.post<{ Params: { uuid: string } }>('/reschedulings/:uuid', async (request, reply) => {
    const invitee = inviteeOf(context, reply, request.params.uuid);
    if (!invitee) return reply;
    const startMs = readStart(parametersOf(request)['start']);
    if (startMs === null) return sendPage(reply, messagePage('Choose a time', 'No time was chosen.', again), 400);
    if (isTaken(context, findEvent(context, invitee.event).host, startMs)) {
      return sendPage(reply, messagePage('Choose another time', 'That time has just been taken.', again), 409);
    }
    const successor = reschedule(context, invitee, { startTime: new Date(startMs) });
    context.save();
    context.wakeDeliveries();
    return sendPage(reply, confirmationPage(context, successor, 'Your meeting has moved'), 201);
  });
}
