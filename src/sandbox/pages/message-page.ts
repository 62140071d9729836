import { html, type Html } from './html.ts';
import { layout } from './layout.ts';

export function messagePage(title: string, message: string): Html {
  return layout(title, html`<h1>${title}</h1><p>${message}</p>`);
}
