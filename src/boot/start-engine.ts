import { readClientAddresses } from '../access/client-addresses.ts';
import { limitKeyGuesses } from '../access/limit-key-guesses.ts';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { stateNames } from '../../machines/connection/index.ts';
import { refuseRealDatabase } from './refuse-real-database.ts';
import type { Config } from '../config/load-config.ts';
import { announceChanges } from '../connection/dispatch/announce-changes.ts';
import { readCounts } from '../connection/reads/read-counts.ts';
import { listenForChanges } from '../connection/reads/listen-for-changes.ts';
import { eraseSettledTenants } from '../upkeep/erase-tenants.ts';
import { checkInstallation, watchInstallation } from '../connection/dispatch/check-installation.ts';
import { createSealedBox } from '../grants/sealed-box.ts';
import { receiveDeliveries } from '../deliveries/receive-delivery.ts';
import { startProjector, type Projector } from '../deliveries/start-projector.ts';
import { COUNTED_VERDICTS } from '../deliveries/verdict.ts';
import { LONG_LIMITS, NO_LIMITS, openDatabase } from '../db/database.ts';
import { hasSchema } from '../db/has-schema.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { createExchangeRecorder } from '../exchanges/record-exchange.ts';
import { startHostEvents } from '../host-events/start-host-events.ts';
import type { HttpDeps } from '../http/http-deps.ts';
import type { InspectorDeps } from '../inspector/inspector-deps.ts';
import { startUpkeep } from '../upkeep/start-upkeep.ts';
import { startBoss } from '../jobs/queues.ts';
import type { JobDeps } from '../workers/run-effect.ts';
import { startWorkers, type Workers } from '../workers/start-workers.ts';
import type { Logger } from '../logger/create-logger.ts';
import { createMetrics, type Metrics } from '../metrics/create-metrics.ts';
import { reportDeliveries } from './report-deliveries.ts';

const OTHER_INSTALLATION = 'this database belongs to another installation: reads only, no effect runs';

/** Everything except the HTTP interface: the database, the workers, and what routes need of them. */
export interface Engine {
  deps: JobDeps;
  http: HttpDeps;
  inspector: InspectorDeps;
  metrics: Metrics;
  /** Requests that wait for a change are answered at once. This is the first step of stopping. */
  endWaits(): void;
  /** Takes no new work, and resolves when every answer that is under way is stored. Requests are still answered. */
  standStill(): Promise<void>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  config: Config;
  databaseUrl: string;
  log: Logger;
  now?: () => Date;
}

export async function startEngine({
  config,
  databaseUrl,
  log,
  now = () => new Date(),
}: EngineOptions): Promise<Engine> {
  const pooled = config.databaseListenUrl !== null;
  const migrating = openDatabase({ url: databaseUrl, limits: NO_LIMITS, max: 1, pooled, log });
  try {
    await migrateToLatest(migrating.db);
  } finally {
    await migrating.close();
  }
  const { db, close } = openDatabase({ url: databaseUrl, pooled, log });
  // Large deletions take long, so they have longer limits and connections of their own.
  const upkeep = openDatabase({ url: databaseUrl, limits: LONG_LIMITS, max: 2, pooled, log });
  const installation = {
    publicUrl: config.publicUrl,
    clientId: config.calendly.clientId,
    apiBaseUrl: config.calendly.apiBaseUrl,
  };
  const check = await checkInstallation(db, installation, config.adoptInstallation, now());
  if (check.kind === 'changed' && config.mode === 'sandbox') {
    const refusal = refuseRealDatabase(check.stored);
    if (refusal !== null) {
      await Promise.all([upkeep.close(), close()]);
      throw refusal;
    }
  }
  let mayAct = check.kind === 'same';
  if (check.kind === 'changed') log.error({ stored: check.stored, configured: installation }, OTHER_INSTALLATION);

  const boss = await startBoss({
    url: databaseUrl,
    // PostgreSQL asks for the right to create a schema even if it exists.
    createSchema: !(await hasSchema(db, 'pgboss')),
    onError: (error) => log.warn({ err: error }, 'pg-boss'),
  });
  const changes = await listenForChanges(config.databaseListenUrl ?? databaseUrl, (error) =>
    log.warn(
      { err: error },
      'notifications about changes do not arrive at the moment: requests that wait check every second',
    ),
  );
  const announcer = announceChanges(db, (error) =>
    log.warn({ err: error }, 'changes of connections could not be announced'),
  );
  const box = createSealedBox(config.encryptionKeys);
  const { scopes, webhookScope, webhookEvents, webhookFallback } = config.calendly;
  const metrics = createMetrics(readCounts(db, now), { states: stateNames, verdicts: COUNTED_VERDICTS });
  let workers: Workers | null = null;
  let projector: Projector | null = null;
  const deps: JobDeps = {
    onCommitted: ({ changes: changed, jobs }) => {
      if (jobs.length > 0) workers?.wake(jobs);
      if (changed.length > 0) announcer.tell(changed);
    },
    onStoreFailed: (tenantId, error) =>
      log.warn(
        { err: error, tenantId },
        'an answer from Calendly could not be stored yet: it is kept in memory and stored when the database works again',
      ),
    onTransition: (from, to) => metrics.transitions.inc({ from, to }),
    db,
    boss,
    box,
    now,
    publicUrl: config.publicUrl,
    clients: config.calendly.clients.map(({ name, apiBaseUrl, ...oauth }) => ({ name, apiBaseUrl, oauth })),
    record: createExchangeRecorder(db, log),
    instance: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    deployment: {
      webhookScope,
      webhookEvents,
      webhookFallback,
      pollingMinutes: config.pollingMinutes,
      watchMinutes: config.watchMinutes,
      backfillPastDays: config.backfillPastDays,
      backfillHours: config.backfillHours,
    },
  };
  const hostEvents = startHostEvents({ db, upkeep: upkeep.db, now, log }, config.hostEvents, mayAct);
  /** How to stop each part that works by itself, in the order of stopping. */
  const acting: (() => Promise<void>)[] = [];
  if (mayAct) {
    workers = startWorkers(deps, log);
    projector = startProjector(db, reportDeliveries(metrics, log, now));
    const { retention } = config;
    acting.push(startUpkeep({ deps, longDb: upkeep.db, retention, log }), workers.stop, projector.stop);
  }
  let standingStill: Promise<void> | undefined;
  const standStill = () =>
    (standingStill ??= (async () => {
      for (const stop of acting) await stop();
      await hostEvents.stop();
    })());
  const watch = !mayAct
    ? null
    : watchInstallation(db, installation, {
        onTakenOver: (stored) => {
          mayAct = false;
          log.error({ stored, configured: installation }, OTHER_INSTALLATION);
          void standStill();
        },
        onError: (error) => log.warn({ err: error }, 'the installation of the database could not be read'),
      });
  const http: HttpDeps = {
    ...deps,
    changes,
    scopes,
    refreshRecentSeconds: config.refreshRecentSeconds,
    consentCompletion: config.consentCompletion,
    receiveDelivery: receiveDeliveries({
      db,
      box,
      now,
      applicationKeys: new Map(config.calendly.clients.map(({ name, signingKeys }) => [name, signingKeys])),
      onStored: () => projector?.wake(),
    }),
    apiKeys: config.apiKeys,
    addresses: readClientAddresses(config.trustedProxies),
    keyGuesses: limitKeyGuesses(now),
    bounds: config.bounds,
    returnToOrigins: config.returnToOrigins,
    hostEvents,
    mayAct: () => mayAct,
    eraseSettled: () => eraseSettledTenants(upkeep.db),
  };
  const inspector: InspectorDeps = {
    ...http,
    record: deps.record,
    inspectorIdentity: config.inspectorIdentity,
    inspectorPassword: config.inspectorPassword,
    inspectorViewerPassword: config.inspectorViewerPassword,
    encryptionKeys: config.encryptionKeys,
  };
  return {
    deps,
    http,
    inspector,
    metrics,
    endWaits: () => changes.end(),
    standStill: async () => {
      await watch?.stop();
      await standStill();
    },
    async stop() {
      await watch?.stop();
      await standStill();
      await announcer.settled();
      await changes.close();
      await boss.stop({ graceful: false, close: true });
      await upkeep.close();
      await close();
    },
  };
}
