import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { TenantId } from '../../web/tenant-params.ts';
import type { DemoDeps } from '../demo-deps.ts';
import { demoPage } from '../pages/demo-page.ts';
import { notice } from '../pages/notice.ts';
import { sendDemoPage } from '../pages/send-demo-page.ts';
import { readTenantView } from '../read-tenant-view.ts';

const text = Type.Optional(Type.String({ maxLength: 200 }));
/** The service adds `calendly` and `reason` to a returnTo. `did` is this page's own. */
const Query = Type.Object({ tenant: Type.Optional(TenantId), calendly: text, reason: text, ticket: text, did: text });

export function pageRoute(app: App, { api, sandbox, session }: DemoDeps): void {
  app.get('/', { schema: { querystring: Query } }, async (request, reply) => {
    const { tenant, calendly, did, reason, ticket } = request.query;
    if (tenant !== undefined && ticket !== undefined) {
      // The browser comes back from a consent with a ticket. It counts only in the browser that asked for the connection.
      const came = session.isOf(request, tenant)
        ? await api.complete(tenant, ticket)
        : { calendly: 'not_yours', reason: null };
      const query = { tenant, calendly: came.calendly, ...(came.reason === null ? {} : { reason: came.reason }) };
      return reply.redirect(`/?${new URLSearchParams(query).toString()}`, 303);
    }
    const [tenants, view] = await Promise.all([
      api.tenants(),
      tenant === undefined ? null : readTenantView(api, sandbox, tenant),
    ]);
    return sendDemoPage(reply, 200, {
      title: tenant === undefined ? 'Calendly Reconnect: demo' : `${tenant} · Calendly Reconnect: demo`,
      sandboxUrl: sandbox.url,
      body: demoPage({
        tenants,
        view,
        notice: notice(calendly ?? did, reason, view?.connection?.delivery),
        sandboxUrl: sandbox.url,
      }),
    });
  });
}
