import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeAudit } from '../access/audit.ts';
import type { InspectorDeps } from './inspector-deps.ts';

/** Everything that a person does, and every export: a hook that notes it once it is known what became of it. */
export function auditOperators({ db, addresses, now }: InspectorDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { url = '' } = request.routeOptions;
    const session = request.inspector?.session;
    const isExport = url.endsWith('/export');
    const isRead = request.method === 'GET' || request.method === 'HEAD' || url.endsWith('/replay');
    if (session === undefined || (isRead && !isExport) || reply.statusCode >= 500) return;
    const { tenantId = null, command } = request.params as { tenantId?: string; command?: string };
    const isRefused = reply.statusCode >= 400;
    await writeAudit(db, {
      at: now(),
      actor: { kind: session.id.startsWith('key ') ? 'key' : 'operator', name: session.operator },
      action: command ?? url.split('/').at(-1) ?? url,
      outcome: isRefused ? 'refused' : 'done',
      tenantId: tenantId !== null && tenantId.length <= 128 ? tenantId : null,
      address: addresses.of(request),
      reason: isRefused ? String(reply.statusCode) : null,
    }).catch((error: unknown) => request.log.error({ err: error }, 'an audit row could not be written'));
  };
}
