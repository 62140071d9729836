import { Type } from 'typebox';
import { CONSENT_ENDINGS } from '../../connection/commands/consent-outcome.ts';
import { completeWithTicket } from '../../connection/commands/complete-with-ticket.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, failures, nullableText } from '../schemas.ts';

const Body = Type.Object(
  {
    ticket: Type.String({
      pattern: '^[\\w-]{1,100}$',
      description: 'The ticket that the browser brought to `returnTo`',
    }),
  },
  { additionalProperties: false },
);
const Answer = Type.Object(
  {
    connection: Connection,
    calendly: Type.Enum([...CONSENT_ENDINGS], {
      description: 'The result, with the same words as in the address of `returnTo`',
    }),
    reason: nullableText,
  },
  { title: 'CompleteAnswer' },
);

export function completeRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/v1/tenants/:tenantId/connection/complete',
    {
      schema: {
        operationId: 'completeConsent',
        tags: ['Connections'],
        summary: 'Complete a consent: your product has checked that the right person came back with this ticket',
        params: TenantParams,
        body: Body,
        response: { 200: Answer, ...failures },
      },
    },
    async (request) => {
      const {
        params: { tenantId },
        body: { ticket },
        headers,
      } = request;
      const { connection, ending, reason } = await completeWithTicket(deps, {
        tenantId,
        ticket,
        waitSeconds: waitSeconds(headers.prefer),
        cause: { kind: 'route', route: 'complete', key: keyOf(request).name },
      });
      return { connection, calendly: ending, reason };
    },
  );
}
