import { html, type Html } from './html.ts';
import { layout } from './layout.ts';

/** What happened, and where to go: `next`, and the sandbox's own page in any case. */
export function messagePage(title: string, message: string, next?: Html): Html {
  return layout(
    title,
    html`<h1>${title}</h1><p>${message}</p>${next}
<p><a href="/">The sandbox’s own page</a>: accounts, booking pages, faults, time, deliveries.</p>`,
  );
}
