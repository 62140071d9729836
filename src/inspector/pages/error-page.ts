import { html, type Html } from '../../html/html.ts';
import { homeOf } from './page-context.ts';

export function errorPage({ base, title, detail }: { base: string; title: string; detail: string | undefined }): Html {
  return html`<main class="login"><h1>${title}</h1>${detail !== undefined && html`<p>${detail}</p>`}
<p><a href="${homeOf(base)}">All tenants</a></p></main>`;
}
