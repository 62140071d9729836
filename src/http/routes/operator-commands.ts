import type { Command } from '../../../machines/connection/index.ts';
import { inTenantTransaction } from '../../connection/dispatch/in-tenant-transaction.ts';
import { acceptedCommands } from '../../connection/reads/accepted-commands.ts';
import { dispatch } from '../../connection/dispatch/dispatch.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct, connectionOf } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { ConnectionAnswer, failures, TenantParams } from '../schemas.ts';

const summaries = {
  refresh: 'Refresh the tokens now',
  resync: 'List and mend the webhooks now',
  retry: 'Try again now what failed, debts included',
} as const;

export function operatorCommandRoutes(app: App, deps: HttpDeps): void {
  for (const name of ['refresh', 'resync', 'retry'] as const) {
    app.post(
      `/v1/tenants/:tenantId/connection/${name}`,
      {
        schema: { summary: summaries[name], params: TenantParams, response: { 202: ConnectionAnswer, ...failures } },
      },
      async (request, reply) => {
        assertMayAct(deps);
        const { tenantId } = request.params;
        const command: Command =
          name === 'retry' ? { type: name, recentMs: deps.refreshRecentSeconds * 1000 } : { type: name };
        const { accepted, after } = await inTenantTransaction(deps, tenantId, (trx) =>
          dispatch(trx, deps, tenantId, command, { kind: 'operator', name: 'api', route: name }),
        );
        if (!accepted) {
          throw new ProblemError('event_not_accepted', `${name} is not accepted in the present state.`, {
            extensions: { acceptedEvents: acceptedCommands(after, deps.now()) },
          });
        }
        return reply.code(202).send({ connection: await connectionOf(deps, tenantId) });
      },
    );
  }
}
