import { findEvent } from '../bookings/find.ts';
import type { SandboxContext } from '../context.ts';
import { requireAccount } from '../accounts.ts';
import type { Invitee } from '../state.ts';
import { html, type Html } from './html.ts';
import { layout } from './layout.ts';
import { dayAndTime } from './slot-choices.ts';

export function confirmationPage(context: SandboxContext, invitee: Invitee, title: string): Html {
  return layout(
    title,
    html`<h1>${title}</h1>${meetingSummary(context, invitee)}
<div class="actions"><a class="button" href="/reschedulings/${invitee.uuid}">Reschedule</a>
<a class="button" href="/cancellations/${invitee.uuid}">Cancel</a></div>${whereNext(context, invitee)}`,
  );
}

export function meetingSummary(context: SandboxContext, invitee: Invitee): Html {
  const event = findEvent(context, invitee.event);
  const [day, time] = dayAndTime(event.startTime);
  const host = requireAccount(context, event.host);
  return html`<p><strong>${event.name}</strong> with ${host.name}</p>
<p>${day}, ${time} UTC</p><p class="quiet">${invitee.name}, ${invitee.email}</p>`;
}

/** After a booking, a move or a cancellation: where it can be seen, and the way back. */
export function whereNext(context: SandboxContext, invitee: Invitee): Html {
  const host = requireAccount(context, findEvent(context, invitee.event).host);
  const { productUrl } = context;
  return html`<section><h2>And now?</h2><p>Calendly tells the host's product within a second.</p>
<p>${productUrl !== null && html`<a href="${productUrl}/">Back to the product</a> · `}<a href="/#deliveries">See the delivery</a> ·
<a href="/book/${host.slug}">Book another meeting with ${host.name}</a></p></section>`;
}
