import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { shareAudit, type AuditEntry } from '../../access/audit.ts';
import type { ClientAddresses } from '../../access/client-addresses.ts';
import type { Database } from '../../db/database.ts';
import { scopeOf } from '../route-scopes.ts';
import { keyOf } from './api-key.ts';

interface AuditDeps {
  db: Kysely<Database>;
  addresses: ClientAddresses;
  now: () => Date;
}

/** Whatever is more than reading leaves a row: who, what, for whom, from where. Reading a token is noted before it leaves. */
export function auditCommands(app: FastifyInstance, deps: AuditDeps): void {
  const writeAudit = shareAudit(deps.db);
  app.addHook('onSend', async (request, reply) => {
    const { method, config } = request.routeOptions;
    const url = config.ownUrl ?? '';
    const isRead = scopeOf(method, url) === 'read';
    const isRefused = reply.statusCode >= 400;
    // What failed on our side is in the log, and the database may be what failed.
    if (request.apiKey === null || (isRead && reply.statusCode !== 403) || reply.statusCode >= 500) return;
    // A release is noted with what it does: the tokens are nowhere else by now, so their answer waits for nothing.
    if (url.endsWith('/release') && !isRefused) return;
    const reason = isRefused ? String(reply.statusCode) : null;
    const written = writeAudit(auditOf(request, deps, isRefused ? 'refused' : 'done', reason));
    if (url.endsWith('/access-token')) await written;
    else
      await written.catch((error: unknown) => request.log.error({ err: error }, 'an audit row could not be written'));
  });
}

/** What is noted of a request with a key. */
export function auditOf(
  request: FastifyRequest,
  { addresses, now }: Omit<AuditDeps, 'db'>,
  outcome: AuditEntry['outcome'],
  reason: string | null = null,
): AuditEntry {
  const { tenantId } = request.params as { tenantId?: string };
  return {
    at: now(),
    actor: { kind: 'key', name: keyOf(request).name },
    action: actionOf(request.method, request.routeOptions.config.ownUrl ?? ''),
    outcome,
    tenantId: tenantId !== undefined && /^[A-Za-z0-9._:-]{1,128}$/.test(tenantId) ? tenantId : null,
    address: addresses.of(request),
    reason,
  };
}

const NAMES: Readonly<Record<string, string>> = {
  'DELETE /v1/tenants/:tenantId': 'erase',
  'DELETE /v1/tenants/:tenantId/connection': 'disconnect',
  'DELETE /v1/invitees': 'erase-invitee',
};

/** The last word of the route, such as `connect` or `access-token`. */
const actionOf = (method: string, url: string): string =>
  NAMES[`${method} ${url}`] ?? url.split('/').findLast((word) => word !== '' && !word.startsWith(':')) ?? url;
