import { buildApp } from './build-app.ts';
import { startEngine, type EngineOptions } from './start-engine.ts';
import type { App } from '../web/app-type.ts';
import type { Tracing } from '../tracing/start-tracing.ts';
import type { JobDeps } from '../workers/run-effect.ts';

export interface Service {
  app: App;
  deps: JobDeps;
  /** Takes no new work, waits until every answer that is under way is stored, then closes the database. */
  stop(): Promise<void>;
}

/** The whole service on a database: migrated, with workers and the HTTP interface, not yet listening. */
export async function startService({
  tracing = null,
  ...options
}: EngineOptions & { tracing?: Tracing | null }): Promise<Service> {
  const engine = await startEngine(options);
  const app = await buildApp(engine.http, engine.inspector, engine.metrics, options.log, {
    besideSandbox: options.config.mode === 'sandbox',
    tracing,
  });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    // From here on `/health/ready` answers 503, so that a load balancer sends requests elsewhere. The port closes when the work under way
    // is done.
    engine.endWaits();
    await engine.standStill();
    await app.close();
    await engine.stop();
  };
  return { app, deps: engine.deps, stop: () => (stopped ??= stop()) };
}
