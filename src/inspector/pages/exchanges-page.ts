import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';
import { html, type Html } from '../../html/html.ts';
import type { Page } from '../../paging/to-page.ts';
import type { CalendlyBases } from './curl-of.ts';
import { exchangeView } from './exchange-view.ts';

/** Every exchange of a tenant with Calendly, newest first. */
export function exchangesPage(
  { items, nextCursor }: Page<ExchangeItem>,
  bases: CalendlyBases,
  link: (search: Record<string, string>) => string,
  only: string | undefined,
): Html {
  return html`<section id="exchanges" class="card" data-refresh><h2>${only === undefined ? 'Exchanges with Calendly' : 'One exchange'}</h2>
<p class="quiet">Redacted before they were stored: no token, code, secret or signing key is in them.</p>
${items.length === 0 && html`<div class="empty"><p>${only === undefined ? 'Calendly has not been asked anything for this tenant, or that is longer ago than exchanges are kept.' : 'This exchange is not kept any more.'}</p></div>`}
${items.map((item) => exchangeView(item, bases, { open: item.id === only }))}
<nav class="pages" aria-label="Pages">${only !== undefined && html`<a href="${link({})}">All exchanges</a>`}
${nextCursor !== null && html`<a rel="next" href="${link({ cursor: nextCursor })}">Older</a>`}</nav></section>`;
}
