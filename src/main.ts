import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from './config/configuration-error.ts';
import { loadConfig, type Config } from './config.ts';
import { startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { createLogger, type Logger } from './logger.ts';
import { startSandbox } from './sandbox/index.ts';
import { startService } from './service.ts';

const DATA_DIR = fileURLToPath(new URL('../.data', import.meta.url));
type Stop = () => Promise<void>;

/** Starts what the configuration asks for, in order; stops it in the reverse order: workers and saves first, the database last. */
async function start(config: Config, log: Logger): Promise<Stop> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    let { databaseUrl } = config;
    if (databaseUrl === null) {
      const postgres = await startEmbeddedPostgres({
        dataDir: `${DATA_DIR}/postgres`,
        log: { info: (message) => log.info(message), warn: (message) => log.warn(message) },
        onLost: (error) => log.error({ err: error }, 'the embedded database is gone'),
      });
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    if (config.mode === 'sandbox') {
      const sandbox = await startSandbox({
        port: config.sandbox.port, clientId: config.calendly.clientId, clientSecret: config.calendly.clientSecret,
        stateFile: `${DATA_DIR}/sandbox.json`,
      });
      stops.push(() => sandbox.close());
    }
    const service = await startService({ config, databaseUrl, log });
    stops.push(() => service.stop());
    await service.app.listen({ host: config.host, port: config.port });
    announce(config);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** For the person who typed `npm start`: where to look. Everything else is the log's. */
function announce({ mode, publicUrl, sandbox, apiKeys, inspectorPassword }: Config): void {
  const lines = mode === 'sandbox'
    ? [`Demo host page    ${publicUrl}/`, `State inspector   ${publicUrl}/inspector   (password ${inspectorPassword})`,
      `API description   ${publicUrl}/docs`, `API key           ${apiKeys[0]}`, `Calendly sandbox  ${sandbox.url}/`]
    : [`State inspector   ${publicUrl}/inspector`, `API description   ${publicUrl}/docs`];
  process.stderr.write(`\n  Calendly Reconnect is running\n\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

async function main(): Promise<void> {
  // Others may pass through (PostgreSQL must not run as root), but see nothing; every secret in it is 0600.
  mkdirSync(DATA_DIR, { recursive: true, mode: 0o711 });
  let config: Config;
  try {
    config = loadConfig(process.env, { dataDir: DATA_DIR });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 78;
    return;
  }
  const log = createLogger({ level: config.logLevel });
  const started = start(config, log);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping: answers in hand are stored first');
      // Also in the middle of starting: what has been started by then is stopped.
      started.then((stop) => stop(), () => {}).then(() => process.exit(), (error) => {
        log.fatal({ err: error }, 'stopping failed');
        process.exit(1);
      });
    });
  }
  try {
    await started;
  } catch (error) {
    log.fatal({ err: error }, 'the service could not start');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    if (!stopping) process.exit();
  }
}

await main();
