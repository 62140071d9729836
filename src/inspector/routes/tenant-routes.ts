import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { drawnChart } from '../chart/draw-chart.ts';
import { basesOf } from '../bases-of.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { momentPanel } from '../pages/moment-panel.ts';
import { sendHtml, sendInspectorPage } from '../pages/send-inspector-page.ts';
import { liveLink } from '../pages/tenant-link.ts';
import { tenantPage } from '../pages/tenant-page.ts';
import { inOneView } from '../../connection/reads/in-one-view.ts';
import { readHealth } from '../../connection/reads/read-health.ts';
import { readMark } from '../../connection/reads/read-mark.ts';
import { readMoment } from '../../connection/reads/read-moment.ts';
import { readTenant } from '../../connection/reads/read-tenant.ts';
import { readTimeline } from '../../connection/reads/read-timeline.ts';
import { contextOf } from '../request-session.ts';

const ROWS = 60;
const HistoryId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Query = Type.Object({ at: Type.Optional(HistoryId), before: Type.Optional(Type.String({ minLength: 1 })) });

export function tenantRoutes(app: App, deps: InspectorDeps): void {
  const { db } = deps;
  // The chart is drawn now, so that the first page need not wait for it.
  app.addHook('onListen', async () => void (await drawnChart()));

  app.get(
    '/inspector/tenants/:tenantId',
    { schema: { hide: true, params: TenantParams, querystring: Query } },
    async (request, reply) => {
      const context = contextOf(request);
      const { tenantId } = request.params;
      const { at, before } = request.query;
      // Read this first. Then a change during the other reads is announced again and not missed.
      const seen = await readMark(db, tenantId);
      const chart = await drawnChart();
      const shown = await inOneView(db, async (view) => ({
        tenant: await readTenant(view, tenantId, context),
        health: await readHealth(view, tenantId, context.now),
        history: await readTimeline(view, tenantId, context.now, { limit: ROWS, cursor: before }),
        at: at === undefined ? null : await readMoment(view, tenantId, at),
      }));
      const bases = await basesOf(deps, tenantId);
      const body = tenantPage(context, { ...shown, before, bases, chart });
      return sendInspectorPage(reply, context, { title: tenantId, live: liveLink(context, tenantId, seen), body });
    },
  );

  /** Only the detail, for stepping through the history. */
  app.get(
    '/inspector/tenants/:tenantId/history/:historyId',
    {
      schema: { hide: true, params: Type.Object({ ...TenantParams.properties, historyId: HistoryId }) },
    },
    async (request, reply) =>
      sendHtml(
        reply,
        200,
        momentPanel(
          await readMoment(db, request.params.tenantId, request.params.historyId),
          await basesOf(deps, request.params.tenantId),
        ).text,
      ),
  );
}
