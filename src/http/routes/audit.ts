import { Type } from 'typebox';
import { listAudit } from '../../access/audit.ts';
import type { App } from '../../web/app-type.ts';
import { TenantId } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { AuditPage } from '../list-schemas.ts';
import { failures, ListQuery } from '../schemas.ts';

const Query = Type.Object(
  { ...ListQuery.properties, tenantId: Type.Optional(TenantId) },
  { additionalProperties: false },
);

export function auditRoute(app: App, { db }: HttpDeps): void {
  app.get(
    '/v1/audit',
    {
      schema: {
        operationId: 'listAudit',
        tags: ['Privacy'],
        summary: 'Who did what, newest first: logins, commands, readings of tokens',
        querystring: Query,
        response: { 200: AuditPage, ...failures },
      },
    },
    ({ query }) => listAudit(db, query),
  );
}
