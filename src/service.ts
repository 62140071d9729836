import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { listenForChanges } from './connection/changes.ts';
import { eraseSettledTenants } from './connection/erase-tenants.ts';
import { checkInstallation } from './connection/installation.ts';
import { noticeGaps } from './connection/notice-gaps.ts';
import { createSealedBox } from './credentials/sealed-box.ts';
import { openDatabase } from './db/database.ts';
import { migrateToLatest } from './db/migrate.ts';
import { createExchangeRecorder } from './exchanges/record-exchange.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startHostEvents } from './host-events/start-host-events.ts';
import type { App } from './http/app-type.ts';
import type { HttpDeps } from './http/http-deps.ts';
import type { InspectorDeps } from './inspector/inspector-deps.ts';
import { startBoss } from './jobs/queues.ts';
import type { JobDeps } from './jobs/run-effect.ts';
import { startSweeping } from './jobs/sweep.ts';
import { startWorkers, type Workers } from './jobs/workers.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** Everything but the HTTP interface: the database, the workers, and what routes need of them. */
export interface Engine {
  deps: JobDeps;
  http: HttpDeps;
  inspector: InspectorDeps;
  metrics: Metrics;
  /** Requests that wait for a change answer at once; the first thing to do when stopping. */
  endWaits(): void;
  stop(): Promise<void>;
}

export interface Service {
  app: App;
  deps: JobDeps;
  /** Stops taking work, waits for every answer in hand to be stored, then lets go of the database. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  config: Config;
  databaseUrl: string;
  log: Logger;
  now?: () => Date;
}

/** The whole service on a database: migrated, with workers and the HTTP interface, not yet listening. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const engine = await startEngine(options);
  const app = await buildApp(engine.http, engine.inspector, engine.metrics, options.log);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    engine.endWaits();
    await app.close();
    await engine.stop();
  };
  return { app, deps: engine.deps, stop: () => (stopped ??= stop()) };
}

export async function startEngine({ config, databaseUrl, log, now = () => new Date() }: ServiceOptions): Promise<Engine> {
  const { db, close } = openDatabase({ url: databaseUrl, log });
  await migrateToLatest(db);
  const installation = { publicUrl: config.publicUrl, clientId: config.calendly.clientId, apiBaseUrl: config.calendly.apiBaseUrl };
  const check = await checkInstallation(db, installation, config.adoptInstallation, now());
  const mayAct = check.kind === 'same';
  if (!mayAct) log.error({ stored: check.stored, configured: installation }, 'this database belongs to another installation: reads only, no effect runs');

  const boss = await startBoss({ url: databaseUrl, onError: (error) => log.warn({ err: error }, 'pg-boss') });
  const changes = await listenForChanges(boss);
  const box = createSealedBox(config.encryptionKeys);
  const { clientId, clientSecret, authBaseUrl, apiBaseUrl, scopes, webhookScope, webhookEvents } = config.calendly;
  const metrics = createMetrics(db, now);
  let workers: Workers | null = null;
  const deps: JobDeps = {
    onCommitted: () => workers?.wake(),
    onTransition: (from, to) => metrics.transitions.inc({ from, to }),
    db, boss, box, now,
    publicUrl: config.publicUrl,
    api: { apiBaseUrl, record: createExchangeRecorder(db, log) },
    oauth: { authBaseUrl, clientId, clientSecret },
    instance: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    webhooks: { publicUrl: config.publicUrl, scope: webhookScope, events: webhookEvents, fallback: config.calendly.webhookFallback },
    pollingMinutes: config.pollingMinutes,
    watchMinutes: config.watchMinutes,
    backfillPastDays: config.backfillPastDays,
  };
  if (mayAct) workers = startWorkers(deps, log);
  const stopSweeping = mayAct
    ? startSweeping(deps, (error) => log.warn({ err: error }, 'a sweep failed'), async () => {
      await eraseSettledTenants(db);
      await noticeGaps(db, deps, config.backfillHours);
    })
    : async () => {};
  const housekeeping = mayAct ? startHousekeeping({ db, box, now, log }, config.retention) : null;
  const hostEvents = startHostEvents({ db, now, log }, config.hostEvents, mayAct);
  const http: HttpDeps = {
    ...deps, changes, scopes,
    refreshRecentSeconds: config.refreshRecentSeconds,
    apiKeys: config.apiKeys,
    returnToOrigins: config.returnToOrigins,
    hostEvents,
    mayAct: () => mayAct,
    eraseSettled: () => eraseSettledTenants(db),
  };
  const inspector: InspectorDeps = { ...http, api: deps.api, inspectorPassword: config.inspectorPassword, encryptionKeys: config.encryptionKeys };
  return {
    deps, http, inspector, metrics,
    endWaits: () => changes.end(),
    async stop() {
      await stopSweeping();
      await housekeeping?.stop();
      await workers?.stop();
      await hostEvents.stop();
      await changes.close();
      await boss.stop({ graceful: false, close: true });
      await close();
    },
  };
}
