import { html, type Html } from '../../html/html.ts';

export interface CommandButton {
  action: 'connect' | 'confirm' | 'revoke' | 'disconnect' | 'fetch' | 'fail';
  tenantId: string;
  label: string;
  /** One line that says what the button does. */
  hint?: string;
  fields?: Record<string, string>;
  primary?: boolean;
}

/** A form with one button. The `id` keeps the keyboard focus in its place when the page updates itself. */
export function commandButton({ action, tenantId, label, hint, fields = {}, primary = false }: CommandButton): Html {
  const hidden = Object.entries({ tenant: tenantId, ...fields }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const id = `do-${label.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return html`<form method="post" action="/demo/${action}" class="command">${hidden}<button id="${id}"${primary ? html` class="primary"` : html``}${
    hint ? html` aria-describedby="${id}-hint"` : html``
  }>${label}</button>${hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : html``}</form>`;
}
