import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { shareAudit } from '../../access/audit.ts';
import type { Database } from '../../db/database.ts';
import { scopeOf } from '../route-scopes.ts';

/** Whatever is more than reading leaves a row: who, what, for whom, from where. Reading a token is noted before it leaves. */
export function auditCommands(app: FastifyInstance, { db, now }: { db: Kysely<Database>; now: () => Date }): void {
  const writeAudit = shareAudit(db);
  app.addHook('onSend', async (request, reply) => {
    const { method, config } = request.routeOptions;
    const url = config.ownUrl ?? '';
    const { apiKey } = request;
    const isRead = scopeOf(method, url) === 'read';
    const isRefused = reply.statusCode >= 400;
    // What failed on our side is in the log, and the database may be what failed.
    if (apiKey === null || (isRead && reply.statusCode !== 403) || reply.statusCode >= 500) return;
    const { tenantId } = request.params as { tenantId?: string };
    const written = writeAudit({
      at: now(),
      actor: { kind: 'key', name: apiKey.name },
      action: actionOf(request.method, url),
      outcome: isRefused ? 'refused' : 'done',
      tenantId: tenantId !== undefined && /^[A-Za-z0-9._:-]{1,128}$/.test(tenantId) ? tenantId : null,
      address: request.ip,
      reason: isRefused ? String(reply.statusCode) : null,
    });
    if (url.endsWith('/access-token') || url.endsWith('/release')) await written;
    else
      await written.catch((error: unknown) => request.log.error({ err: error }, 'an audit row could not be written'));
  });
}

const NAMES: Readonly<Record<string, string>> = {
  'DELETE /v1/tenants/:tenantId': 'erase',
  'DELETE /v1/tenants/:tenantId/connection': 'disconnect',
  'DELETE /v1/invitees': 'erase-invitee',
};

/** `connect`, `access-token`: the route's last word. */
const actionOf = (method: string, url: string): string =>
  NAMES[`${method} ${url}`] ?? url.split('/').findLast((word) => word !== '' && !word.startsWith(':')) ?? url;
