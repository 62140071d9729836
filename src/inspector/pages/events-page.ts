import { html, type Html } from '../../html/html.ts';
import type { Page } from '../../paging/to-page.ts';
import type { HostEvent } from '../../host-events/host-event.ts';
import {
  HOST_EVENT_STATUSES,
  type HeldHalf,
  type HostEventStatus,
  type ListedHostEvent,
} from '../../host-events/list-host-events.ts';
import type { Outgoing } from '../../host-events/count-outgoing.ts';
import { code } from './exchange-view.ts';
import { moment, remaining } from '../../html/times.ts';
import { boundedCount } from './bounded-count.ts';
import type { PageContext } from './page-context.ts';
import { tenantLink } from './tenant-link.ts';

interface Listing {
  page: Page<ListedHostEvent>;
  status: HostEventStatus | undefined;
  counts: Outgoing;
  /** The held halves of one tenant; null if events of all tenants are listed. */
  halves: HeldHalf[] | null;
  sending: boolean;
  /** The address of another page of the same list. */
  link(search: Record<string, string>): string;
}

/** Shows the events to the host and their outcome, newest first. */
export function eventsPage(context: PageContext, listing: Listing): Html {
  const { page, status, counts, halves, sending, link } = listing;
  const isAll = halves === null;
  const chip = (name: HostEventStatus | undefined) => {
    const count = name === 'waiting' || name === 'parked' ? html` <b>${boundedCount(counts[name])}</b>` : '';
    return html`<li><a class="chip" href="${link(name === undefined ? {} : { status: name })}"${status === name && html` aria-current="true"`}><span>${name ?? 'all'}</span>${count}</a></li>`;
  };
  return html`<section id="events" class="card" data-refresh>${isAll ? html`<h1>Events to the host</h1>` : html`<h2>Events to the host</h2>`}
${!sending && html`<p class="quiet">EVENTS_URL is not set: events are pulled from the feed, none is sent.</p>`}
<ul class="chips" aria-label="What became of it">${chip(undefined)}${HOST_EVENT_STATUSES.map(chip)}</ul>
${halves !== null && halves.length > 0 && html`<p>Held back for the other half of a reschedule: ${halves.map((half, at) => html`${at > 0 && ', '}<b>${half.type}</b> since ${moment(half.heldAt)}`)}.</p>`}
${
  page.items.length === 0
    ? html`<div class="empty"><p>${status === undefined ? 'There is no event yet. One is written with each change of a meeting or a state.' : `No event is ${status === 'feed' ? 'in the feed only' : status}.`}</p></div>`
    : html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Recorded</th>${isAll && html`<th scope="col">Tenant</th>`}<th scope="col">Event</th><th scope="col">What became of it</th><th scope="col">Again</th></tr></thead>
<tbody>${page.items.map((item) => line(context, item, { isAll, sending }))}</tbody></table></div>`
}
<nav class="pages" aria-label="Pages">${page.nextCursor !== null && html`<a rel="next" href="${link({ ...(status === undefined ? {} : { status }), cursor: page.nextCursor })}">Older</a>`}</nav></section>`;
}

function line(
  context: PageContext,
  item: ListedHostEvent,
  { isAll, sending }: { isAll: boolean; sending: boolean },
): Html {
  const { event } = item;
  return html`<tr id="e-${event.id}"><td>${moment(event.timestamp)}</td>${isAll && html`<td><a class="tenant" href="${tenantLink(context, event.tenantId)}">${event.tenantId}</a></td>`}
<td><b>${event.type}</b> ${about(event)}<div class="uri">${event.id}</div><details class="raw"><summary>What is sent</summary>${code(event)}</details></td>
<td>${fate(item, context.now)}</td><td>${sending && canGoOut(item) ? html`<a data-ask href="${tenantLink(context, event.tenantId, `events/${event.id}/resend`)}">${item.attempts === 0 ? 'Send…' : 'Send again…'}</a>` : html`<span class="quiet">–</span>`}</td></tr>`;
}

/** Not what goes out by itself in a moment. */
const canGoOut = ({ status, attempts }: ListedHostEvent): boolean =>
  status !== 'recorded' && !(status === 'waiting' && attempts === 0);

/** What it is about, in a few words. */
export function about({ data }: HostEvent): Html {
  if ('code' in data) return html`<span class="warned">${data.code}</span>`;
  if ('previousAccount' in data)
    return html`${data.account.uri} <span class="quiet">after ${data.previousAccount.uri}; ${data.meetingsHidden} meetings go, ${data.meetingsShown} come back</span>`;
  if ('state' in data) return html`${data.state}${data.substate !== null && `.${data.substate}`}`;
  return html`${data.name ?? data.email ?? ''} ${moment(data.startTime)}${data.changeSource !== 'webhook' && html` <span class="quiet">by ${data.changeSource}</span>`}`;
}

function fate({ status, attempts, nextAttemptAt, sentAt, parkedAt, lastError }: ListedHostEvent, now: Date): Html {
  const tries = attempts > 0 && html`<span class="quiet">${attempts === 1 ? '1 try' : `${attempts} tries`}</span>`;
  const answer =
    lastError !== null &&
    status !== 'sent' &&
    html`<div class="quiet">last ${lastError.status === null ? html`<code>${lastError.code}</code>` : html`answered ${lastError.status}`} ${moment(lastError.at)}</div>`;
  if (status === 'parked') return html`<span class="problem">parked</span> ${moment(parkedAt)} ${tries}${answer}`;
  if (status === 'sent') return html`sent ${moment(sentAt)} ${tries}`;
  if (status === 'feed') return html`in the feed, to be read; it was never to be sent`;
  if (status === 'recorded') return html`<span class="waiting">recorded</span>`;
  return html`<span class="waiting">waiting</span> ${nextAttemptAt !== null && remaining(new Date(nextAttemptAt), now)} ${tries}${answer}`;
}
