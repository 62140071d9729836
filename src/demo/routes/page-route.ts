import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { TenantId } from '../../web/tenant-params.ts';
import type { DemoDeps } from '../demo-deps.ts';
import { demoPage } from '../pages/demo-page.ts';
import { notice } from '../pages/notice.ts';
import { sendDemoPage } from '../pages/send-demo-page.ts';
import { readTenantView } from '../read-tenant-view.ts';

const text = Type.Optional(Type.String({ maxLength: 200 }));
/** `calendly` and `reason` are what the service adds to a returnTo; `did` is this page's own. */
const Query = Type.Object({ tenant: Type.Optional(TenantId), calendly: text, reason: text, did: text });

export function pageRoute(app: App, { api, sandbox }: DemoDeps): void {
  app.get('/', { schema: { querystring: Query } }, async ({ query: { tenant, calendly, did, reason } }, reply) => {
    const [tenants, view] = await Promise.all([
      api.tenants(),
      tenant === undefined ? null : readTenantView(api, sandbox, tenant),
    ]);
    return sendDemoPage(reply, 200, {
      title: tenant === undefined ? 'Calendly Reconnect: demo' : `${tenant} · Calendly Reconnect: demo`,
      sandboxUrl: sandbox.url,
      body: demoPage({ tenants, view, notice: notice(calendly ?? did, reason), sandboxUrl: sandbox.url }),
    });
  });
}
