import type { FastifyInstance } from 'fastify';
import { findAccount, requireAccount } from '../accounts.ts';
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

/** The page where an invitee books: chooses a time and gives a name. */
export function addBookingPage(server: FastifyInstance, context: SandboxContext): void {
  const unknown = messagePage('Nobody here', 'No account has this address.');

  server.get<{ Params: { slug: string } }>('/book/:slug', async ({ params }, reply) => {
    const host = findAccount(context, params.slug);
    return host ? sendPage(reply, formPage(context, host, {})) : sendPage(reply, unknown, 404);
  });

  server.post<{ Params: { slug: string } }>('/book/:slug', async (request, reply) => {
    const host = findAccount(context, request.params.slug);
    if (!host) return sendPage(reply, unknown, 404);
    const booked = bookFromForm(context, host, parametersOf(request));
    return sendPage(reply, booked.page, booked.status);
  });

  addSchedulingLinkPage(server, context);
}

/** The page that a single-use scheduling link leads to: the booking page, until somebody has booked. */
function addSchedulingLinkPage(server: FastifyInstance, context: SandboxContext): void {
  const used = messagePage('This link has been used', 'It was good for one booking. Ask for another.');
  const find = (id: string) => context.state.schedulingLinks.find((link) => link.id === id && link.usedAt === null);

  server.get<{ Params: { id: string } }>('/d/:id/:slug', async ({ params }, reply) => {
    const link = find(params.id);
    return link
      ? sendPage(reply, formPage(context, requireAccount(context, link.host), {}))
      : sendPage(reply, used, 404);
  });

  server.post<{ Params: { id: string } }>('/d/:id/:slug', async (request, reply) => {
    const link = find(request.params.id);
    if (!link) return sendPage(reply, used, 404);
    const booked = bookFromForm(context, requireAccount(context, link.host), parametersOf(request));
    if (booked.status === 201) {
      link.usedAt = context.clock.stamp();
      context.save();
    }
    return sendPage(reply, booked.page, booked.status);
  });
}

function bookFromForm(
  context: SandboxContext,
  host: Account,
  fields: Record<string, string>,
): { page: Html; status: number } {
  const { name = '', email = '', start } = fields;
  const startMs = readStart(start);
  if (startMs === null || !name.trim() || !/^\S+@\S+$/.test(email)) {
    return {
      page: formPage(context, host, { name, email, problem: 'Choose a time and say who you are.' }),
      status: 400,
    };
  }
  if (isTaken(context, host.uuid, startMs)) {
    return { page: formPage(context, host, { name, email, problem: 'That time has just been taken.' }), status: 409 };
  }
  const invitee = book(context, { account: host.uuid, name: name.trim(), email, startTime: new Date(startMs) });
  context.save();
  context.wakeDeliveries();
  return { page: confirmationPage(context, invitee, 'You are booked'), status: 201 };
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
