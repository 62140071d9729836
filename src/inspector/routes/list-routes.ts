import type { Kysely } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../../db/database.ts';
import { listExchanges, readExchange } from '../../exchanges/list-exchanges.ts';
import type { App } from '../../web/app-type.ts';
import type { Html } from '../../html/html.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { listMeetings } from '../../meetings/list-meetings.ts';
import { basesOf } from '../bases-of.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { deliveriesPage } from '../pages/deliveries-page.ts';
import { exchangesPage } from '../pages/exchanges-page.ts';
import { meetingsPage } from '../pages/meetings-page.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { tenantFrame, type Tab } from '../pages/tenant-frame.ts';
import { liveLink, tenantLink } from '../pages/tenant-link.ts';
import { inOneView } from '../../connection/reads/in-one-view.ts';
import { readDeliveries } from '../../deliveries/read-deliveries.ts';
import { readFirstBackfills } from '../../backfill/read-first-backfills.ts';
import { readMark } from '../../connection/reads/read-mark.ts';
import { readTenant } from '../../connection/reads/read-tenant.ts';
import { contextOf } from '../request-session.ts';

const LIMIT = 50;
const Query = Type.Object({
  cursor: Type.Optional(Type.String({ minLength: 1 })),
  id: Type.Optional(Type.String({ format: 'uuid' })),
});
type Read = (
  db: Kysely<Database>,
  tenantId: string,
  query: { cursor?: string; id?: string },
  link: (search: Record<string, string>) => string,
) => Promise<Html>;

/** The lists of one tenant, each a tab. */
export function tenantListRoutes(app: App, deps: InspectorDeps): void {
  const { db } = deps;
  const tab = (name: Tab, read: Read) => {
    app.get(
      `/inspector/tenants/:tenantId/${name}`,
      { schema: { hide: true, params: TenantParams, querystring: Query } },
      async (request, reply) => {
        const context = contextOf(request);
        const { tenantId } = request.params;
        const seen = await readMark(db, tenantId);
        const link = (search: Record<string, string>) =>
          `${tenantLink(context, tenantId, name)}${Object.keys(search).length === 0 ? '' : `?${new URLSearchParams(search).toString()}`}`;
        const body = await inOneView(db, async (view) =>
          tenantFrame(
            context,
            await readTenant(view, tenantId, context),
            name,
            await read(view, tenantId, request.query, link),
          ),
        );
        return sendInspectorPage(reply, context, {
          title: `${name}, ${tenantId}`,
          live: liveLink(context, tenantId, seen),
          body,
        });
      },
    );
  };

  tab('exchanges', async (view, tenantId, { cursor, id }, link) => {
    const bases = await basesOf({ db: view, clients: deps.clients }, tenantId);
    if (id === undefined)
      return exchangesPage(await listExchanges(view, tenantId, { limit: LIMIT, cursor }), bases, link, undefined);
    const found = await readExchange(view, tenantId, id);
    return exchangesPage({ items: found ? [found] : [], nextCursor: null }, bases, link, id);
  });
  tab('deliveries', async (view, tenantId, { cursor }, link) =>
    deliveriesPage(await readDeliveries(view, tenantId, { limit: LIMIT, cursor }), link),
  );
  tab('meetings', async (view, tenantId, { cursor }, link) =>
    meetingsPage(
      await listMeetings(view, tenantId, { limit: LIMIT, cursor }),
      await readFirstBackfills(view, tenantId),
      link,
    ),
  );
}
