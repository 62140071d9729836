import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { tenantsPage } from '../pages/tenants-page.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { countOutgoing } from '../../host-events/count-outgoing.ts';
import { diagnoseTenants } from '../../connection/reads/diagnose-tenants.ts';
import { inOneView } from '../../connection/reads/in-one-view.ts';
import { listTenantRows } from '../../connection/reads/list-tenant-rows.ts';
import { countRecentWarnings } from '../../host-events/read-warnings.ts';
import { contextOf } from '../request-session.ts';

const Query = Type.Object({
  state: Type.Optional(Type.String({ pattern: '^[A-Za-z.]{0,60}$' })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  sort: Type.Union([Type.Literal('trouble'), Type.Literal('recent')], { default: 'trouble' }),
  cursor: Type.Optional(Type.String({ minLength: 1 })),
});

export function tenantsRoute(app: App, { db }: InspectorDeps): void {
  app.get('/inspector', { schema: { hide: true, querystring: Query } }, async (request, reply) => {
    const context = contextOf(request);
    const { listing, ...signs } = await inOneView(db, async (view) => {
      const rows = await listTenantRows(view, request.query);
      const ids = rows.items.map(({ tenantId }) => tenantId);
      return {
        listing: rows,
        diagnoses: await diagnoseTenants(view, ids, context),
        warnings: await countRecentWarnings(view, ids, context.now),
        outgoing: await countOutgoing(view),
      };
    });
    const live = `${context.base}/live`;
    return sendInspectorPage(reply, context, {
      title: 'Tenants',
      live,
      body: tenantsPage(context, request.query, listing, signs),
    });
  });
}
