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
  /** False: the database was written by another installation, so nothing is done at Calendly. */
  mayAct: boolean;
  /** In the reverse order of starting: workers and saves first, the database last. */
  stop(): Promise<void>;
}

export interface StartOptions {
  config: Config;
  log: Logger;
  /** Told what is being done, for a person who waits. */
  onStep?: (step: string) => void;
  /** false: an embedded database that may lose what it has when the machine stops. */
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
    // Before starting the database, which takes seconds: the most likely error is a port in use.
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
        // The demo does what any host does, and more than one of its buttons needs more than one scope.
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
