import { html, type Html } from '../../html/html.ts';
import type { ShownMeeting, TenantView } from '../read-tenant-view.ts';
import { localTime } from './local-time.ts';

/** Shows the meetings as the service's API lists them. */
export function meetingsCard({ meetings, account }: TenantView, sandboxUrl: string): Html {
  if (meetings.length === 0) {
    return html`<p class="empty">${account ? 'No meetings yet. The next booking appears here.' : 'No meetings: nothing is connected.'}</p>`;
  }
  return html`<ul class="meetings">${meetings.map((meeting) => line(meeting, sandboxUrl))}</ul>`;
}

function line(meeting: ShownMeeting, sandboxUrl: string): Html {
  const { id, name, email, status, startTime, cancelUrl, rescheduledTo, rescheduledFrom } = meeting;
  const canceled = status === 'canceled';
  const word = canceled ? (rescheduledTo ? 'moved' : 'canceled') : rescheduledFrom ? 'moved here' : '';
  // Links only to the sandbox, because an address from Calendly's data could be anything.
  const cancel =
    !canceled && cancelUrl?.startsWith(`${sandboxUrl}/`)
      ? html` <a id="cancel-${id}" href="${cancelUrl}" target="_blank" rel="noopener" aria-label="Cancel the meeting of ${name ?? ''}">Cancel</a>`
      : html``;
  return html`<li data-key="${id}" data-name="${name ?? ''}"${canceled ? html` class="canceled"` : html``}><div><strong>${name ?? 'Somebody'}</strong> <span class="quiet">${email ?? ''}</span>
<div class="when">${startTime ? localTime(startTime) : 'time not known'}${word ? html` <span class="word">${word}</span>` : html``}</div></div>
<div class="how">${arrival(meeting)}${cancel}</div></li>`;
}

function arrival({ secondsAfterBooking: seconds, source }: ShownMeeting): Html {
  if (seconds === null)
    return html`<span class="chip">${source === 'backfill' ? 'fetched afterwards' : source === 'polling' ? 'fetched by polling' : 'by webhook'}</span>`;
  const shown = seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0);
  return html`<span class="chip arrived">${shown} s after booking</span>`;
}
