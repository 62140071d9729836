import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { assertMayAct } from '../../connection/commands/assert-may-act.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { askCalendly } from '../../connection/compare/ask-calendly.ts';
import { compare } from '../../connection/compare/compare.ts';
import { deleteUnknown } from '../../connection/compare/delete-unknown.ts';
import { readSubscriptions } from '../../connection/compare/read-subscriptions.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { comparePage, type CompareState } from '../pages/compare-page.ts';
import type { PageContext } from '../pages/page-context.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { tenantFrame } from '../pages/tenant-frame.ts';
import { tenantLink } from '../pages/tenant-link.ts';
import { readTenant } from '../../connection/reads/read-tenant.ts';
import { contextOf } from '../request-session.ts';

const Form = Type.Object({ formToken: Type.String() }, { additionalProperties: true });
const DeleteForm = Type.Object(
  { formToken: Type.String(), uri: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: true },
);

/** Compares what is stored with Calendly. This happens only when a person asks, because it costs a few of the tenant's calls. */
export function compareRoutes(app: App, deps: InspectorDeps): void {
  const show = async (context: PageContext, tenantId: string, state: CompareState) => {
    const tenant = await readTenant(deps.db, tenantId, context);
    return tenantFrame(context, tenant, 'compare', comparePage(context, tenant, state));
  };

  app.get(
    '/inspector/tenants/:tenantId/compare',
    { schema: { hide: true, params: TenantParams } },
    async (request, reply) => {
      const context = contextOf(request);
      const { tenantId } = request.params;
      return sendInspectorPage(reply, context, {
        title: `Stored against real, ${tenantId}`,
        body: await show(context, tenantId, null),
      });
    },
  );

  app.post(
    '/inspector/tenants/:tenantId/compare',
    { schema: { hide: true, params: TenantParams, body: Form } },
    async (request, reply) => {
      // Checked although it only reads: a copied database must not use the tokens of the original.
      assertMayAct(deps);
      const context = contextOf(request);
      const { tenantId } = request.params;
      await readTenant(deps.db, tenantId, context);
      const answer = await askCalendly(deps, tenantId);
      let state: CompareState = answer.kind === 'cannot' ? answer : null;
      if (answer.kind === 'asked') {
        const { remote } = answer;
        const urls = remote.subscriptions.flatMap(({ listed }) =>
          'value' in listed ? listed.value.map((each) => each.callback_url) : [],
        );
        const rows = await readSubscriptions(deps.db, tenantId, [...new Set(urls)]);
        state = {
          kind: 'compared',
          remote,
          comparison: compare(remote, rows, { tenantId, publicUrl: deps.publicUrl }),
        };
      }
      return sendInspectorPage(reply, context, {
        title: `Stored against real, ${tenantId}`,
        body: await show(context, tenantId, state),
      });
    },
  );

  app.post(
    '/inspector/tenants/:tenantId/compare/delete-unknown',
    { schema: { hide: true, params: TenantParams, body: DeleteForm } },
    async (request, reply) => {
      assertMayAct(deps);
      const context = contextOf(request);
      const { tenantId } = request.params;
      await readTenant(deps.db, tenantId, context);
      await deleteUnknown(deps, tenantId, request.body.uri, context.session.operator);
      return reply.redirect(tenantLink(context, tenantId, 'compare'), 303);
    },
  );
}
