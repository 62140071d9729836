import { html, type Html } from '../../html/html.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { moment } from '../../html/times.ts';
import type { PageContext } from './page-context.ts';
import { tenantFrame } from './tenant-frame.ts';
import { tenantLink } from './tenant-link.ts';

/** The link is shown once. Whoever opens it links a Calendly account with this tenant. */
export function connectLinkPage(context: PageContext, tenant: Tenant, authorizeUrl: string): Html {
  const { tenantId } = tenant.view;
  return tenantFrame(
    context,
    tenant,
    '',
    html`<section class="card"><h2>The link for ${tenantId}</h2>
<p>Send it to the person whose Calendly account belongs to this tenant. It works once, until ${moment(tenant.snapshot.context.attempt?.expiresAt ?? null)}, and is not shown again;
another connect replaces it.</p><pre class="copy" id="authorize-url" tabindex="0">${authorizeUrl}</pre>
<p class="actions"><a class="button" href="${tenantLink(context, tenantId)}">Back to the tenant</a></p></section>`,
  );
}
