import type { FastifyInstance } from 'fastify';
import { cancelInvitee } from '../bookings/cancel.ts';
import type { SandboxContext } from '../context.ts';
import { announce } from '../deliveries/announce.ts';
import { parametersOf } from '../oauth/parameters.ts';
import { meetingSummary, whereNext } from './confirmation-page.ts';
import { html } from './html.ts';
import { inviteeOf } from './invitee-of.ts';
import { layout } from './layout.ts';
import { messagePage } from './message-page.ts';
import { sendPage } from './send-page.ts';

/** The page that `cancel_url` leads to. */
export function addCancellationPage(server: FastifyInstance, context: SandboxContext): void {
  server.get<{ Params: { uuid: string } }>('/cancellations/:uuid', async ({ params }, reply) => {
    const invitee = inviteeOf(context, reply, params.uuid);
    if (!invitee) return reply;
    const body = html`<h1>Cancel this meeting?</h1>${meetingSummary(context, invitee)}
<form method="post"><label>Reason <input type="text" name="reason"></label>
<div class="actions"><button class="primary">Cancel the meeting</button></div></form>`;
    return sendPage(reply, layout('Cancel', body));
  });

  server.post<{ Params: { uuid: string } }>('/cancellations/:uuid', async (request, reply) => {
    const invitee = inviteeOf(context, reply, request.params.uuid);
    if (!invitee) return reply;
    cancelInvitee(context, invitee, { by: 'invitee', reason: parametersOf(request)['reason'] ?? '' });
    announce(context, 'invitee.canceled', invitee);
    context.save();
    context.wakeDeliveries();
    const message = 'The meeting is off, and its host has been told.';
    return sendPage(reply, messagePage('Canceled', message, whereNext(context, invitee)));
  });
}
