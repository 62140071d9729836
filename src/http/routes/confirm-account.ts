import { inTenantTransaction } from '../../connection/dispatch/in-tenant-transaction.ts';
import { Type } from 'typebox';
import { dispatch } from '../../connection/dispatch/dispatch.ts';
import { confirmAccount } from '../../connection/commands/confirm-account.ts';
import { isSettled, waitUntil } from '../../connection/commands/wait-until.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct, connectionOf } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { waitSeconds } from '../prefer.ts';
import { ConnectionAnswer, failures, TenantParams } from '../schemas.ts';
import { sendEnding, sendInvalid } from './oauth-callback.ts';

// What does not look like a URI is refused before it could reach a note in the history.
const AccountUri = Type.String({ pattern: '^[\\x21-\\x7e]{1,500}$', description: 'As `pendingAccount.uri` shows it' });
const Body = Type.Object({ accept: Type.Boolean(), accountUri: AccountUri }, { additionalProperties: false });
const Form = Type.Object({
  confirmation: Type.String({ minLength: 1 }),
  accept: Type.Union([Type.Literal('true'), Type.Literal('false')]),
});

export function confirmAccountRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/v1/tenants/:tenantId/connection/confirm-account',
    {
      schema: {
        summary: 'Accept or decline the other account',
        params: TenantParams,
        body: Body,
        response: { 200: ConnectionAnswer, ...failures },
      },
    },
    async (request) => {
      assertMayAct(deps);
      const { tenantId } = request.params;
      const { accept, accountUri } = request.body;
      if (!(await confirm(deps, tenantId, accept, accountUri, waitSeconds(request.headers.prefer))))
        throw new ProblemError('account_changed');
      return { connection: await connectionOf(deps, tenantId) };
    },
  );
}

/** The two buttons of the callback's own page; the secret in the form is bound to the attempt and works once. */
export function confirmAccountPageRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/oauth/confirm-account',
    { schema: { summary: 'The same, from the page in the browser', body: Form } },
    async (request, reply) => {
      assertMayAct(deps);
      const { confirmation, accept } = request.body;
      const received = await confirmAccount(deps, confirmation, accept === 'true');
      if (!received) return sendInvalid(reply);
      const { tenantId, version } = received;
      await waitUntil(deps.changes, tenantId, waitSeconds(undefined), () => isSettled(deps.db, tenantId, version));
      const connection = await connectionOf(deps, tenantId);
      if (accept === 'false') return sendEnding(reply, 'denied', 'account_declined', connection);
      const ending =
        connection.state === 'connected' ? 'connected' : connection.substate === 'retrying' ? 'pending' : 'failed';
      return sendEnding(reply, ending, connection.lastError?.code ?? null, connection);
    },
  );
}

async function confirm(
  deps: HttpDeps,
  tenantId: string,
  accept: boolean,
  accountUri: string,
  seconds: number,
): Promise<boolean> {
  const { accepted, version } = await inTenantTransaction(deps, tenantId, (trx) =>
    dispatch(
      trx,
      deps,
      tenantId,
      { type: accept ? 'account.confirmed' : 'account.declined', accountUri },
      { kind: 'route', route: 'confirm-account' },
    ),
  );
  if (accepted) await waitUntil(deps.changes, tenantId, seconds, () => isSettled(deps.db, tenantId, version));
  return accepted;
}
