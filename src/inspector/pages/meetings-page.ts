import { html, type Html } from '../../html/html.ts';
import type { Page } from '../../paging/to-page.ts';
import type { Meeting } from '../../meetings/meeting.ts';
import type { FirstBackfill } from '../../backfill/read-first-backfills.ts';
import { moment } from '../../html/times.ts';

/** The meetings as the host sees them, each with the source that brought it first. */
export function meetingsPage(
  { items, nextCursor }: Page<Meeting>,
  firsts: FirstBackfill[],
  link: (search: Record<string, string>) => string,
): Html {
  return html`<section id="meetings" class="card" data-refresh><h2>Meetings of the present account</h2>
${
  items.length === 0
    ? html`<div class="empty"><p>None. Bookings appear within a second of their delivery; those of a former account stay stored and are not shown.</p></div>`
    : html`<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">Starts</th><th scope="col">Invitee</th><th scope="col">Status</th><th scope="col">Came by</th><th scope="col">Received</th><th scope="col">Changed</th></tr></thead>
<tbody>${items.map((item) => line(item, cameBy(item, firsts)))}</tbody></table></div>`
}
<nav class="pages" aria-label="Pages">${nextCursor !== null && html`<a rel="next" href="${link({ cursor: nextCursor })}">Earlier</a>`}</nav></section>`;
}

/** A meeting that no delivery brought was missed, unless it was booked before the first connection, or the tenant is polled. */
function cameBy({ source, receivedAt }: Meeting, firsts: FirstBackfill[]): Html {
  if (source === 'webhook') return html`a delivery`;
  if (source === 'polling') return html`<b>a poll</b>`;
  const at = Date.parse(receivedAt);
  const isFirst = firsts.some(({ from, until }) => at >= from.getTime() && (until === null || at <= until.getTime()));
  return isFirst ? html`the first back-fill` : html`<b>a back-fill</b> <span class="warned">recovered miss</span>`;
}

function line(meeting: Meeting, source: Html): Html {
  const {
    id,
    startTime,
    name,
    email,
    status,
    noShow,
    rescheduledFrom,
    rescheduledTo,
    receivedAt,
    updatedAt,
    inviteeUri,
  } = meeting;
  return html`<tr id="m-${id}"><td>${moment(startTime)}</td><td>${name} <span class="quiet">${email}</span><div class="uri">${inviteeUri}</div></td>
<td>${status}${noShow && html`, no-show`}${rescheduledFrom !== null && html`, rescheduled from an earlier one`}${rescheduledTo !== null && html`, rescheduled to another`}</td>
<td>${source}</td><td>${moment(receivedAt)}</td><td>${moment(updatedAt)}</td></tr>`;
}
