import type { FastifyInstance } from 'fastify';
import { findAccount } from '../accounts.ts';
import { book } from '../bookings/book.ts';
import { isTaken } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import { parametersOf } from '../oauth/parameters.ts';
import type { Account } from '../state.ts';
import { confirmationPage } from './confirmation-page.ts';
import { html, type Html } from './html.ts';
import { layout } from './layout.ts';
import { messagePage } from './message-page.ts';
import { sendPage } from './send-page.ts';
import { readStart, slotChoices } from './slot-choices.ts';

interface Entered {
  name?: string;
  email?: string;
  problem?: string;
}

/** Where an invitee books: choose a time, say who you are. */
export function addBookingPage(server: FastifyInstance, context: SandboxContext): void {
  const unknown = messagePage('Nobody here', 'No account has this address.');

  server.get<{ Params: { slug: string } }>('/book/:slug', async ({ params }, reply) => {
    const host = findAccount(context, params.slug);
    return host ? sendPage(reply, formPage(context, host, {})) : sendPage(reply, unknown, 404);
  });

  server.post<{ Params: { slug: string } }>('/book/:slug', async (request, reply) => {
    const host = findAccount(context, request.params.slug);
    if (!host) return sendPage(reply, unknown, 404);
    const { name = '', email = '', start } = parametersOf(request);
    const startMs = readStart(start);
    if (startMs === null || !name.trim() || !/^\S+@\S+$/.test(email)) {
      return sendPage(reply, formPage(context, host, { name, email, problem: 'Choose a time and say who you are.' }), 400);
    }
    if (isTaken(context, host.uuid, startMs)) {
      return sendPage(reply, formPage(context, host, { name, email, problem: 'That time has just been taken.' }), 409);
    }
    const invitee = book(context, { account: host.uuid, name: name.trim(), email, startTime: new Date(startMs) });
    context.save();
    context.wakeDeliveries();
    return sendPage(reply, confirmationPage(context, invitee, 'You are booked'), 201);
  });
}

function formPage(context: SandboxContext, host: Account, { name, email, problem }: Entered): Html {
  return layout(
    `Book ${host.name}`,
    html`<h1>Meet ${host.name}</h1><p class="quiet">30 minutes, by video. Times are in UTC.</p>
${problem && html`<p role="alert"><strong>${problem}</strong></p>`}
<form method="post"><h2>When</h2>${slotChoices(context, host.uuid)}
<h2>Who</h2>
<label>Name <input type="text" name="name" required autocomplete="name" value="${name}"></label>
<label>E-mail <input type="email" name="email" required autocomplete="email" value="${email}"></label>
<div class="actions"><button class="primary">Schedule the meeting</button></div></form>`,
  );
}
