import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';

const INVITEES = ['Gina Guest', 'Ivo Ibsen', 'Mina Okafor', 'Tomás Rey', 'Wren Adler'];

/** Plays the invitee: books with one click, or leads to the booking page. */
export function bookingCard({ tenantId, account, meetings, tour }: TenantView): Html {
  // During a consent, a tenant that is linked already goes on as before.
  if (!account) return html`<p class="empty">Once Calendly is connected, meetings can be booked here.</p>`;
  const name = INVITEES[meetings.length % INVITEES.length] ?? '';
  return html`<form method="post" action="/demo/book" class="book" data-live><input type="hidden" name="tenant" value="${tenantId}">
<label for="invitee">Invitee</label><input id="invitee" name="name" value="${name}" required maxlength="100" autocomplete="off">
<button id="do-book"${tour.next === 'book' ? html` class="primary"` : html``}>Book a meeting</button></form>
<p class="quiet">Or on <a href="${account.bookingUrl}" target="_blank" rel="noopener">${account.name}’s booking page</a>, in a new tab: keep this one in sight.</p>`;
}
