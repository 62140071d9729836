import { sql } from 'kysely';
import type { App } from '../../web/app-type.ts';
import { ProblemError } from '../../errors.ts';
import type { Metrics } from '../../metrics/create-metrics.ts';
import type { HttpDeps } from '../http-deps.ts';

/** For whoever runs the service: alive, ready to work, and in numbers. */
export function operationsRoutes(app: App, { db, mayAct }: HttpDeps, metrics: Metrics): void {
  app.get('/health/live', { schema: { summary: 'The process answers' } }, () => ({ status: 'live' }));

  app.get('/health/ready', { schema: { summary: 'The database answers and is ours' } }, async () => {
    await sql`select 1`.execute(db);
    if (!mayAct())
      throw new ProblemError(
        'installation_changed',
        'Set ADOPT_INSTALLATION to the new PUBLIC_URL if this database has moved.',
      );
    return { status: 'ready' };
  });

  app.get('/metrics', { schema: { summary: 'Prometheus metrics' } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
