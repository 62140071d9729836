import { html, type Html } from '../../http/pages.ts';
import type { Page } from '../../http/page.ts';
import type { Meeting } from '../../meetings/meeting.ts';
import { moment } from './moment.ts';

const SOURCES: Record<string, string> = { webhook: 'a delivery', backfill: 'a back-fill', polling: 'a poll' };

/** What the host product shows of this tenant, with where each meeting was first heard of. */
export function meetingsPage(
  { items, nextCursor }: Page<Meeting>,
  link: (search: Record<string, string>) => string,
): Html {
  return html`<section id="meetings" class="card" data-refresh><h2>Meetings of the present account</h2>
${
  items.length === 0
    ? html`<div class="empty"><p>None. Bookings appear within a second of their delivery; those of a former account stay stored and are not shown.</p></div>`
    : html`<div class="scroll"><table>
<thead><tr><th scope="col">Starts</th><th scope="col">Invitee</th><th scope="col">Status</th><th scope="col">Came by</th><th scope="col">Received</th><th scope="col">Changed</th></tr></thead>
<tbody>${items.map(line)}</tbody></table></div>`
}
<nav class="pages" aria-label="Pages">${nextCursor !== null && html`<a rel="next" href="${link({ cursor: nextCursor })}">Earlier</a>`}</nav></section>`;
}

function line({
  id,
  startTime,
  name,
  email,
  status,
  noShow,
  rescheduledFrom,
  rescheduledTo,
  source,
  receivedAt,
  updatedAt,
  inviteeUri,
}: Meeting): Html {
  return html`<tr id="m-${id}"><td>${moment(startTime)}</td><td>${name} <span class="quiet">${email}</span><div class="uri">${inviteeUri}</div></td>
<td>${status}${noShow && html`, no-show`}${rescheduledFrom !== null && html`, rescheduled from an earlier one`}${rescheduledTo !== null && html`, rescheduled to another`}</td>
<td>${source === 'webhook' ? SOURCES[source] : html`<b>${SOURCES[source] ?? source}</b>`}</td><td>${moment(receivedAt)}</td><td>${moment(updatedAt)}</td></tr>`;
}
