import { Type } from 'typebox';
import { eraseInviteeEverywhere } from '../../connection/commands/erase-invitee.ts';
import { exportInvitee } from '../../invitees/export-invitee.ts';
import type { App } from '../../web/app-type.ts';
import type { HttpDeps } from '../http-deps.ts';
import { InviteePage } from '../list-schemas.ts';
import { keyOf } from '../plugins/api-key.ts';
import { count, failures, ListQuery } from '../schemas.ts';

const email = Type.String({ minLength: 3, maxLength: 320, pattern: '^[^@\\x00]+@[^@\\x00]+$' });
const Export = Type.Object({ ...ListQuery.properties, email }, { additionalProperties: false });
const Erase = Type.Object({ email }, { additionalProperties: false });
const Erasure = Type.Object(
  { tenants: count, meetings: count, deliveries: count, exchanges: count, hostEvents: count, waiting: count },
  { title: 'InviteeErasure' },
);

/** What is stored of one person who booked, in all tenants: to hand it out, and to erase it. */
export function inviteeRoutes(app: App, deps: HttpDeps): void {
  app.get(
    '/v1/invitees',
    {
      schema: {
        operationId: 'exportInvitee',
        tags: ['Privacy'],
        summary: 'Everything that is kept about one invitee',
        querystring: Export,
        response: { 200: InviteePage, ...failures },
      },
    },
    async ({ query }) => exportInvitee(deps.db, query),
  );
  app.delete(
    '/v1/invitees',
    {
      schema: {
        operationId: 'eraseInvitee',
        tags: ['Privacy'],
        summary: 'Erase what is kept about one invitee',
        querystring: Erase,
        response: { 200: Erasure, ...failures },
      },
    },
    async (request) =>
      eraseInviteeEverywhere(deps, request.query.email, {
        kind: 'route',
        route: 'erase-invitee',
        key: keyOf(request).name,
      }),
  );
}
