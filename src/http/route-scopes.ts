import type { Scope } from '../config/parsers.ts';

/** The scope that a key needs for each route. A route that is missing here needs `admin`, so that a forgotten line opens nothing. */
export const ROUTE_SCOPES: Readonly<Record<string, Scope>> = {
  'GET /v1/tenants': 'read',
  'GET /v1/diagnosis': 'read',
  'GET /v1/events': 'read',
  'GET /v1/events/stream': 'read',
  'GET /v1/events/outgoing': 'read',
  'GET /v1/tenants/:tenantId/connection': 'read',
  'GET /v1/tenants/:tenantId/diagnosis': 'read',
  'GET /v1/tenants/:tenantId/meetings': 'read',
  'GET /v1/tenants/:tenantId/history': 'read',
  'GET /v1/tenants/:tenantId/exchanges': 'read',
  'GET /v1/tenants/:tenantId/deliveries': 'read',
  'GET /v1/tenants/:tenantId/settings': 'read',
  'POST /v1/tenants/:tenantId/connection/connect': 'connect',
  'POST /v1/tenants/:tenantId/connection/complete': 'connect',
  'POST /v1/tenants/:tenantId/connection/confirm-account': 'connect',
  'DELETE /v1/tenants/:tenantId/connection': 'connect',
  'POST /v1/tenants/:tenantId/connection/refresh': 'operate',
  'POST /v1/tenants/:tenantId/connection/resync': 'operate',
  'POST /v1/tenants/:tenantId/connection/retry': 'operate',
  'POST /v1/tenants/:tenantId/connection/import': 'operate',
  'PUT /v1/tenants/:tenantId/settings': 'operate',
  'POST /v1/events/:eventId/resend': 'operate',
  'POST /v1/events/resend-parked': 'operate',
  'GET /v1/tenants/:tenantId/access-token': 'tokens',
  'POST /v1/tenants/:tenantId/connection/release': 'tokens',
  'DELETE /v1/tenants/:tenantId': 'admin',
  'GET /v1/invitees': 'read',
  'DELETE /v1/invitees': 'admin',
  'GET /v1/audit': 'admin',
};

export function scopeOf(method: string | string[], url: string | undefined): Scope {
  const verb = [method].flat()[0] === 'HEAD' ? 'GET' : [method].flat()[0];
  return ROUTE_SCOPES[`${verb} ${url}`] ?? 'admin';
}
