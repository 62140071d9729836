import { Type } from 'typebox';
import { lookAgain } from '../../connection/commands/complete-consent.ts';
import { confirmAccount } from '../../connection/commands/confirm-account.ts';
import type { App } from '../../web/app-type.ts';
import { answer as answerProblem } from '../../web/problems.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { sendEnding, sendInvalid, sendOutcome } from '../consent-pages.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { ConnectionAnswer, failures } from '../schemas.ts';

// Only a URI is accepted, because the value is written into a note of the history.
const AccountUri = Type.String({ pattern: '^[\\x21-\\x7e]{1,500}$', description: 'The value of `pendingAccount.uri`' });
const Body = Type.Object({ accept: Type.Boolean(), accountUri: AccountUri }, { additionalProperties: false });
const Form = Type.Object({
  confirmation: Type.String({ minLength: 1 }),
  /** `later`: there was no question yet. */
  accept: Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('later')]),
});

export function confirmAccountRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/v1/tenants/:tenantId/connection/confirm-account',
    {
      schema: {
        operationId: 'confirmAccount',
        tags: ['Connections'],
        summary: 'Accept or decline the other account',
        params: TenantParams,
        body: Body,
        response: { 200: ConnectionAnswer, ...failures },
      },
    },
    async (request) => {
      const { accept, accountUri } = request.body;
      const { tenantId } = request.params;
      const answer = { tenantId, accountUri, key: keyOf(request).name };
      return { connection: (await confirmAccount(deps, answer, accept, waitSeconds(request.headers.prefer)))! };
    },
  );
}

/** The two buttons of the callback's own page. The secret in the form is bound to the attempt and works once. */
export function confirmAccountPageRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/oauth/confirm-account',
    {
      // A person reads this answer.
      errorHandler: (error, request, reply) =>
        void (error.validation ? sendInvalid(reply) : answerProblem(error, request, reply)),
      schema: {
        operationId: 'answerAccountQuestion',
        tags: ['Browser'],
        summary: 'Accept or decline the other account, on the page in the browser',
        body: Form,
      },
    },
    async ({ body }, reply) => {
      if (body.accept === 'later') {
        const outcome = await lookAgain(deps, body.confirmation, waitSeconds(undefined));
        return outcome === undefined ? sendInvalid(reply) : sendOutcome(reply, deps.publicUrl, outcome);
      }
      const accept = body.accept === 'true';
      const connection = await confirmAccount(
        deps,
        { confirmation: body.confirmation },
        accept,
        waitSeconds(undefined),
      );
      if (!connection) return sendInvalid(reply);
      if (!accept) return sendEnding(reply, { ending: 'denied', reason: 'account_declined', connection });
      const { state, substate, lastError } = connection;
      const isUnderWay = substate === 'retrying' || state === 'syncingWebhooks' || state === 'refreshing';
      const ending = state === 'connected' ? 'connected' : isUnderWay ? 'pending' : 'failed';
      return sendEnding(reply, { ending, reason: lastError?.code ?? null, connection });
    },
  );
}
