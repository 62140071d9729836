import { Type } from 'typebox';
import { assertKnown } from '../../connection/reads/assert-known.ts';
import { listHistory } from '../../connection/reads/list-history.ts';
import { listTenants } from '../../connection/reads/list-tenants.ts';
import { listDeliveries } from '../../deliveries/list-deliveries.ts';
import { listExchanges } from '../../exchanges/list-exchanges.ts';
import { listMeetings } from '../../meetings/list-meetings.ts';
import type { App } from '../../web/app-type.ts';
import type { HttpDeps } from '../http-deps.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { DeliveriesPage, ExchangesPage, HistoryPage, MeetingsPage, TenantsPage } from '../list-schemas.ts';
import { failures, ListQuery } from '../schemas.ts';

const time = Type.Optional(Type.String({ format: 'date-time' }));
const MeetingsQuery = Type.Object(
  {
    ...ListQuery.properties,
    status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('canceled')])),
    from: time,
    to: time,
  },
  { additionalProperties: false },
);
const TenantsQuery = Type.Object(
  {
    ...ListQuery.properties,
    state: Type.Optional(Type.String({ pattern: '^[A-Za-z.]{1,60}$' })),
    // PostgreSQL cannot store NUL, so no value contains one.
    q: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^\\x00]*$' })),
  },
  { additionalProperties: false },
);

/** Lists, newest first, redacted, with a cursor. */
export function listRoutes(app: App, deps: HttpDeps): void {
  const { db } = deps;

  app.get(
    '/v1/tenants/:tenantId/meetings',
    {
      schema: {
        operationId: 'listMeetings',
        tags: ['Meetings'],
        summary: 'Meetings of the current account',
        params: TenantParams,
        querystring: MeetingsQuery,
        response: { 200: MeetingsPage, ...failures },
      },
    },
    async ({ params, query }) => {
      await assertKnown(db, params.tenantId);
      return listMeetings(db, params.tenantId, query);
    },
  );
  app.get(
    '/v1/tenants/:tenantId/history',
    {
      schema: {
        operationId: 'listHistory',
        tags: ['Diagnosis'],
        summary: 'What happened to the connection',
        params: TenantParams,
        querystring: ListQuery,
        response: { 200: HistoryPage, ...failures },
      },
    },
    async ({ params, query }) => {
      await assertKnown(db, params.tenantId);
      return listHistory(db, params.tenantId, query);
    },
  );
  app.get(
    '/v1/tenants/:tenantId/exchanges',
    {
      schema: {
        operationId: 'listExchanges',
        tags: ['Diagnosis'],
        summary: 'Requests to Calendly and their answers',
        params: TenantParams,
        querystring: ListQuery,
        response: { 200: ExchangesPage, ...failures },
      },
    },
    async ({ params, query }) => {
      await assertKnown(db, params.tenantId);
      return listExchanges(db, params.tenantId, query);
    },
  );
  app.get(
    '/v1/tenants/:tenantId/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        tags: ['Diagnosis'],
        summary: 'Deliveries from Calendly',
        params: TenantParams,
        querystring: ListQuery,
        response: { 200: DeliveriesPage, ...failures },
      },
    },
    async ({ params, query }) => {
      await assertKnown(db, params.tenantId);
      return listDeliveries(db, params.tenantId, query);
    },
  );
  app.get(
    '/v1/tenants',
    {
      schema: {
        operationId: 'listTenants',
        tags: ['Connections'],
        summary: 'Tenants, filtered by state and text',
        querystring: TenantsQuery,
        response: { 200: TenantsPage, ...failures },
      },
    },
    ({ query }) => listTenants(db, query),
  );
}
