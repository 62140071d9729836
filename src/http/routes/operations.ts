import { assertMayAct } from '../../connection/commands/assert-may-act.ts';
import { ProblemError } from '../../errors.ts';
import { ping } from '../../db/ping.ts';
import type { App } from '../../web/app-type.ts';
import type { Metrics } from '../../metrics/create-metrics.ts';
import type { HttpDeps } from '../http-deps.ts';

/** For whoever runs the service: whether it lives, whether it is ready, and its metrics. */
export function operationsRoutes(app: App, deps: HttpDeps, metrics: Metrics): void {
  app.get(
    '/health/live',
    { schema: { operationId: 'getLiveness', tags: ['Health'], summary: 'Whether the process answers' } },
    () => ({ status: 'live' }),
  );

  app.get(
    '/health/ready',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['Health'],
        summary: 'Whether the database answers and belongs to this installation',
      },
    },
    async () => {
      if (deps.changes.ended) throw new ProblemError('stopping');
      await ping(deps.db);
      if (!deps.changes.isHeard()) throw new ProblemError('not_listening');
      assertMayAct(deps);
      return { status: 'ready' };
    },
  );

  app.get(
    '/metrics',
    { schema: { operationId: 'getMetrics', tags: ['Health'], summary: 'Prometheus metrics' } },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
