import type { TenantItem } from '../../connection/reads/list-tenants.ts';
import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';
import { bookingCard } from './booking-card.ts';
import { coach } from './coach.ts';
import { connectionCard } from './connection-card.ts';
import { meetingsCard } from './meetings-card.ts';
import { SUGGESTED, tenantPicker } from './tenant-picker.ts';
import { underTheHood } from './under-the-hood.ts';

export interface DemoPage {
  tenants: readonly TenantItem[];
  view: TenantView | null;
  notice: Html;
  sandboxUrl: string;
}

/** A `part` is a piece of the page that the script updates alone. */
const part = (name: string, body: Html): Html => html`<div data-part="${name}">${body}</div>`;
const card = (name: string, title: string, body: Html): Html =>
  html`<section class="card ${name}" aria-labelledby="h-${name}"><h2 id="h-${name}">${title}</h2>${part(name, body)}</section>`;

export function demoPage({ tenants, view, notice, sandboxUrl }: DemoPage): Html {
  return html`${part('notice', notice)}
<section class="pick" aria-labelledby="h-pick"><h2 id="h-pick">${view ? 'Customer' : 'Pick one of its customers'}</h2>${part('tenants', tenantPicker(tenants, view?.tenantId ?? null))}</section>
${
  view === null
    ? welcome()
    : html`<section class="coach" aria-label="What to try next">${part('coach', coach(view))}</section>
<div class="columns"><div>${card('connection', `Calendly for ${view.tenantId}`, connectionCard(view))}
${card('booking', 'Book, as an invitee', bookingCard(view))}
${card('meetings', 'Meetings', meetingsCard(view, sandboxUrl))}</div>
<div>${card('hood', 'Under the hood', underTheHood(view))}</div></div>`
}`;
}

function welcome(): Html {
  return html`<p><a class="button primary" href="/?tenant=${SUGGESTED[0]}">Start with ${SUGGESTED[0]}</a></p>
<ol class="welcome"><li><strong>One link per customer.</strong> Each customer links a Calendly account, and one state machine keeps that link alive for years.</li>
<li><strong>Your back end asks.</strong> The server of this page calls the same HTTP routes as your back end. The browser never gets the API key.</li>
<li><strong>A sandbox takes Calendly’s place.</strong> It runs on this machine and behaves like the real Calendly. Nothing leaves your computer.</li></ol>`;
}
