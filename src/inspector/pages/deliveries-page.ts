import { html, type Html } from '../../html/html.ts';
import type { DeliveryPage, DeliveryRow } from '../../deliveries/read-deliveries.ts';
import { moment } from '../../html/times.ts';

const VERDICTS: Record<string, string> = {
  received: 'verified, to be applied',
  applied: 'verified, applied',
  duplicate: 'verified, known before',
  ignored: "verified, none of this account's business",
  unreadable: 'verified, not readable',
};

/** Shows what Calendly has sent, the verdict, and the meeting that it changed. */
export function deliveriesPage(
  { items, nextCursor, counts }: DeliveryPage,
  link: (search: Record<string, string>) => string,
): Html {
  return html`<section id="deliveries" class="card" data-refresh><h2>Deliveries</h2>
<p class="quiet">${counts.length === 0 ? 'No delivery is stored.' : counts.map(({ verdict, count }) => `${count} ${verdict}`).join(' · ')}</p>
${
  items.length === 0
    ? html`<div class="empty"><p>No delivery yet. Calendly sends one within seconds of a booking.</p></div>`
    : html`<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">Received</th><th scope="col">Verdict</th><th scope="col">Event</th><th scope="col">Meeting</th><th scope="col" class="number">Bytes</th></tr></thead>
<tbody>${items.map(line)}</tbody></table></div>`
}
<nav class="pages" aria-label="Pages">${nextCursor !== null && html`<a rel="next" href="${link({ cursor: nextCursor })}">Older</a>`}</nav></section>`;
}

function line({
  id,
  receivedAt,
  verdict,
  event,
  meeting,
  inviteeUri,
  bodyBytes,
  signedAt,
  applicationKey,
  subscriptionId,
  attempts,
  lastError,
}: DeliveryRow): Html {
  const refused = verdict.startsWith('refused:');
  return html`<tr id="d-${id}"><td>${moment(receivedAt)}${signedAt !== null && html`<div class="quiet">signed ${moment(signedAt)}${applicationKey !== null && html` with the application's key <span class="uri">${applicationKey}</span>`}</div>`}</td>
<td><span class="mark ${refused ? 'no' : 'yes'}">${refused ? '✕ refused' : '✓'} </span>${refused ? verdict.slice('refused:'.length).replaceAll('_', ' ') : (VERDICTS[verdict] ?? verdict)}
${lastError !== null && html`<div class="quiet">failed ${attempts} times (${lastError}); it is tried again</div>`}
<div class="uri">subscription ${subscriptionId}</div></td><td>${event ?? html`<span class="quiet">–</span>`}</td>
<td>${meeting === null ? html`<span class="quiet">${inviteeUri === null ? '–' : 'no meeting of the present account'}</span>` : html`${meeting.name ?? meeting.email ?? ''} <span class="quiet">${meeting.canceled ? 'canceled' : 'active'}</span> ${moment(meeting.startTime)}`}
${inviteeUri !== null && html`<div class="uri">${inviteeUri}</div>`}</td><td class="number">${bodyBytes}</td></tr>`;
}
