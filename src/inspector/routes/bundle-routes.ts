import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { makeBundle } from '../../connection/reads/make-bundle.ts';
import { momentsOf, openBundle } from '../../connection/reads/open-bundle.ts';
import { drawnChart } from '../chart/draw-chart.ts';
import { basesOf } from '../bases-of.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { openBundlePage, replayPage } from '../pages/replay-page.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { contextOf } from '../request-session.ts';

const MOST_BYTES = 20 * 1024 * 1024;
const Form = Type.Object({ formToken: Type.String(), bundle: Type.String() }, { additionalProperties: true });

/** Exports a tenant into a file, and shows such a file on another machine. */
export function bundleRoutes(app: App, deps: InspectorDeps): void {
  const { oauth, apiBaseUrl } = deps.clients[0]!;
  const ofDefault = { authBaseUrl: oauth.authBaseUrl, apiBaseUrl };

  app.get(
    '/inspector/tenants/:tenantId/export',
    { schema: { hide: true, params: TenantParams } },
    async (request, reply) => {
      const { now, mayAct, session } = contextOf(request);
      const { tenantId } = request.params;
      const bases = await basesOf(deps, tenantId);
      const bundle = await makeBundle(deps.db, tenantId, { now, mayAct, exportedBy: session.operator, bases });
      const name = `${tenantId.replaceAll(':', '-')}-${now.toISOString().slice(0, 19).replaceAll(':', '')}.json`;
      return reply
        .type('application/json; charset=utf-8')
        .headers({
          'content-disposition': `attachment; filename="${name}"`,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .send(JSON.stringify(bundle, null, 1));
    },
  );

  app.get('/inspector/replay', { schema: { hide: true } }, (request, reply) => {
    const context = contextOf(request);
    return sendInspectorPage(reply, context, { title: 'Open a bundle', body: openBundlePage(context, null) });
  });

  app.post(
    '/inspector/replay',
    { bodyLimit: MOST_BYTES, config: { isForViewers: true }, schema: { hide: true, body: Form } },
    async (request, reply) => {
      const context = contextOf(request);
      const opened = openBundle(request.body.bundle);
      if ('problem' in opened)
        return sendInspectorPage(reply, context, {
          title: 'Open a bundle',
          status: 400,
          body: openBundlePage(context, opened.problem),
        });
      const { bundle } = opened;
      // Only our own base URLs, never those of the file, because people paste the curl line into a terminal.
      const body = replayPage(context, {
        bundle,
        moments: momentsOf(bundle),
        chart: await drawnChart(),
        bases: ofDefault,
      });
      return sendInspectorPage(reply, context, { title: `${bundle.connection.tenantId}, from a file`, body });
    },
  );
}
