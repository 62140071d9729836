import type { TenantItem } from '../../connection/reads/list-tenants.ts';
import { html, type Html } from '../../html/html.ts';
import { stateBadge } from './state-badge.ts';

export const SUGGESTED = ['acme-studio', 'birch-dental', 'cove-yoga'] as const;

/** One line of customers. The inspector shows all. */
const SHOWN = 4;

/** Suggested customers and those that were used before. Any other name can be typed. */
export function tenantPicker(tenants: readonly TenantItem[], chosen: string | null): Html {
  const states = new Map(tenants.map(({ tenantId, state }) => [tenantId, state]));
  const names = [...new Set<string>([...(chosen ? [chosen] : []), ...SUGGESTED, ...states.keys()])].slice(0, SHOWN);
  // The chosen customer keeps its place, because otherwise the others would move under the pointer.
  const ordered = [
    ...SUGGESTED.filter((name) => names.includes(name)),
    ...names.filter((name) => !(SUGGESTED as readonly string[]).includes(name)),
  ];
  const links = ordered.map(
    (name) =>
      html`<a class="tenant" id="tenant-${name}" href="/?tenant=${encodeURIComponent(name)}"${
        name === chosen ? html` aria-current="page"` : html``
      }><span class="name">${name}</span>${stateBadge(states.get(name) ?? 'disconnected')}</a>`,
  );
  return html`<nav class="tenants" aria-label="Customers of this product">${links}
<form action="/" class="other"><label for="tenant-input" class="sr-only">Another customer</label>
<input id="tenant-input" name="tenant" placeholder="another …" required maxlength="128" pattern="[A-Za-z0-9._:\\-]+"
 title="Letters, digits and . _ : -" autocomplete="off" spellcheck="false"><button>Open</button></form></nav>`;
}
