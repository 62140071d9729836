import type { Config } from '../config/load-config.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { registerDemo } from '../demo/register-demo.ts';
import { assertPortFree } from './assert-port-free.ts';
import type { Logger } from '../logger/create-logger.ts';
import { startSandbox, type Sandbox } from '../sandbox/index.ts';
import type { Tracing } from '../tracing/start-tracing.ts';
import { startService, type Service } from './start-service.ts';

export interface Running {
  service: Service;
  databaseUrl: string;
  /** null: the real Calendly is used. */
  sandbox: Sandbox | null;
  /** False if another installation wrote the database. Then nothing is done at Calendly. */
  mayAct: boolean;
  /** Stops everything in the reverse order of starting: workers first, the database last. */
  stop(): Promise<void>;
}

export interface StartOptions {
  config: Config;
  log: Logger;
  /** Called with each step of the start, for a person who waits. */
  onStep?: (step: string) => void;
  /** false: an embedded database may lose its data when the machine stops. */
  durable?: boolean;
  /** Spans are made and sent. */
  tracing?: Tracing | null;
}

/** Starts what the configuration asks for, in order. What was started is stopped again when a later part fails. */
export async function start({
  config,
  log,
  onStep = () => {},
  durable = true,
  tracing = null,
}: StartOptions): Promise<Running> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    // The database takes seconds to start, so the most likely error, a port in use, is looked for before.
    await assertPortFree(config.host, config.port, 'PORT');
    if (config.mode === 'sandbox') await assertPortFree('127.0.0.1', config.sandbox.port, 'SANDBOX_PORT');
    let { databaseUrl } = config;
    if (databaseUrl === null) {
      onStep('starting the embedded PostgreSQL');
      const postgres = await startEmbeddedPostgres({
        dataDir: `${config.dataDir}/postgres`,
        durable,
        log: { info: (message) => log.info(message), warn: (message) => log.warn(message) },
        onLost: (error) => log.error({ err: error }, 'the embedded database has stopped'),
      });
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    let sandbox: Sandbox | null = null;
    if (config.mode === 'sandbox') {
      sandbox = await startSandbox({
        port: config.sandbox.port,
        clientId: config.calendly.clientId,
        clientSecret: config.calendly.clientSecret,
        otherApps: config.calendly.clients.slice(1).filter(({ authBaseUrl }) => authBaseUrl === config.sandbox.url),
        stateFile: `${config.dataDir}/sandbox.json`,
        productUrl: config.publicUrl,
      });
      stops.push(sandbox.close);
    }
    onStep('migrating the database, starting the workers');
    const service = await startService({ config, databaseUrl, log, tracing });
    stops.push(() => service.stop());
    if (sandbox)
      await registerDemo(service.app, {
        // The demo acts as any host does, and its buttons need more than one scope.
        apiKey: config.apiKeys.find(({ scopes }) => scopes.includes('admin'))?.secret ?? '',
        sandbox,
        publicUrl: config.publicUrl,
        port: config.port,
      });
    await service.app.listen({ host: config.host, port: config.port });
    const { statusCode } = await service.app.inject('/health/ready');
    return { service, databaseUrl, sandbox, mayAct: statusCode === 200, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
