import { html, type Html } from '../../html/html.ts';
import type { ListedHostEvent } from '../../host-events/list-host-events.ts';
import { about } from './events-page.ts';
import { moment } from '../../html/times.ts';
import type { PageContext } from './page-context.ts';
import { tenantLink } from './tenant-link.ts';

/** Asks before an event is sent again. Also shown in a dialog. */
export function resendPage(
  context: PageContext,
  { event, status, attempts }: ListedHostEvent,
  { sending }: { sending: boolean },
): Html {
  const refusal = context.refusal ?? (sending ? null : 'EVENTS_URL is not set: nothing is sent.');
  return html`<section id="ask" class="card"><h2 id="ask-title">Send this event${attempts > 0 && ' again'}?</h2>
<p><b>${event.type}</b> ${about(event)} <span class="quiet">of ${event.tenantId}, recorded ${moment(event.timestamp)}, ${attempts === 0 ? 'never sent so far' : `${status} after ${attempts === 1 ? '1 try' : `${attempts} tries`}`}</span></p>
<p class="quiet">At once, with the same id and the same bytes, and the whole time for retries. The host gets it after younger events that were sent meanwhile.</p>
<form class="actions" method="post" action="${tenantLink(context, event.tenantId, `events/${event.id}/resend`)}"><input type="hidden" name="formToken" value="${context.formToken}">
<button class="yes"${refusal !== null && html` disabled`}>${attempts > 0 ? 'Send again' : 'Send'}</button>
<a class="button" data-close href="${tenantLink(context, event.tenantId, 'events')}">Leave it</a>
<span class="quiet">${refusal ?? html`In the history as <b>${context.session.operator}</b>.`}</span></form></section>`;
}
