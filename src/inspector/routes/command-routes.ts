import { Type } from 'typebox';
import type { Cause } from '../../connection/dispatch/cause.ts';
import { connect } from '../../connection/commands/connect.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import { disconnect } from '../../connection/commands/disconnect.ts';
import { operate } from '../../connection/commands/operate.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { openTransitions } from '../chart/open-transitions.ts';
import { readChart } from '../chart/read-chart.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { connectLinkPage } from '../pages/connect-link-page.ts';
import { OPERATOR_COMMANDS, isOperatorCommand } from '../pages/operator-commands.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { dotted } from '../pages/state-badge.ts';
import { tenantFrame } from '../pages/tenant-frame.ts';
import { tenantLink } from '../pages/tenant-link.ts';
import { whatIfPage } from '../pages/what-if-page.ts';
import { readTenant } from '../../connection/reads/read-tenant.ts';
import { contextOf } from '../request-session.ts';
import { foresee } from '../../connection/reads/foresee.ts';

/** An operator waits this long. After that, the tenant's page shows the outcome when it comes. */
const WAIT_SECONDS = 5;
const CommandParams = Type.Object({ ...TenantParams.properties, command: Type.String({ maxLength: 20 }) });
const Form = Type.Object(
  { formToken: Type.String(), switchAccount: Type.Optional(Type.Literal('true')) },
  { additionalProperties: true },
);

export function commandRoutes(app: App, deps: InspectorDeps): void {
  const chart = readChart();

  app.get(
    '/inspector/tenants/:tenantId/what-if',
    {
      schema: {
        hide: true,
        params: TenantParams,
        querystring: Type.Object({
          event: Type.Optional(Type.String({ pattern: '^[A-Za-z.]{1,60}$' })),
          only: Type.Optional(Type.Literal('shown')),
        }),
      },
    },
    async (request, reply) => {
      const context = contextOf(request);
      const tenant = await readTenant(deps.db, request.params.tenantId, context);
      const { tenantId, state, substate } = tenant.view;
      const open = openTransitions(chart, dotted(state, substate))
        .map(({ event }) => event)
        .filter((event) => event !== 'always');
      const events = [...new Set([...Object.keys(OPERATOR_COMMANDS), ...open.sort()])];
      const { event = 'retry', only } = request.query;
      const outcomes = foresee(tenant.snapshot, event, {
        now: context.now,
        recentMs: deps.refreshRecentSeconds * 1000,
      });
      const page = whatIfPage(context, {
        tenant,
        event,
        events: events.includes(event) ? events : [event, ...events],
        outcomes,
        toSend: request.query.event !== undefined && only === undefined,
      });
      return sendInspectorPage(reply, context, {
        title: `What if, ${tenantId}`,
        body: tenantFrame(context, tenant, '', page),
      });
    },
  );

  app.post(
    '/inspector/tenants/:tenantId/commands/:command',
    { schema: { hide: true, params: CommandParams, body: Form } },
    async (request, reply) => {
      const context = contextOf(request);
      const { tenantId, command } = request.params;
      if (!isOperatorCommand(command)) throw new ProblemError('not_found', `There is no command ${command}.`);
      const cause: Cause = { kind: 'operator', name: context.session.operator, route: command };
      if (command === 'connect') {
        const switchAccount = request.body.switchAccount === 'true';
        const { authorizeUrl } = await connect(deps, {
          tenantId,
          switchAccount,
          returnTo: null,
          completion: deps.consentCompletion,
          waitSeconds: WAIT_SECONDS,
          cause,
        });
        if (authorizeUrl !== null) {
          const tenant = await readTenant(deps.db, tenantId, context);
          return sendInspectorPage(reply, context, {
            title: `Connect link, ${tenantId}`,
            body: connectLinkPage(context, tenant, authorizeUrl),
          });
        }
      } else if (command === 'disconnect') await disconnect(deps, { tenantId, waitSeconds: WAIT_SECONDS, cause });
      else await operate(deps, tenantId, command, cause);
      return reply.redirect(tenantLink(context, tenantId), 303);
    },
  );
}
