import { html, type Html } from '../../html/html.ts';

/** Says that there were warnings in the last day; empty if there were none. `href`: the page that lists them. */
export function warningBadge(count: number, href: string): Html {
  if (count === 0) return html``;
  return html`<a class="badge s-warned" href="${href}" title="In the last 24 hours"><svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 3v6M8 12v.3" fill="none"/></svg>
<span>${count} ${count === 1 ? 'warning' : 'warnings'}</span></a>`;
}
