import { Command } from 'commander';
import { start } from '../boot/start.ts';
import { PortInUseError } from '../boot/assert-port-free.ts';
import { CommandFailed, type Terminal } from '../cli/terminal.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { DataDirInUseError } from '../db/embedded/data-dir-lock.ts';
import { tlsProblem } from '../db/tls-problem.ts';
import { createLogger } from '../logger/create-logger.ts';
import { readableLines } from '../logger/readable-lines.ts';
import { switchLogLevel } from '../logger/switch-log-level.ts';
import { startTracing, type Tracing } from '../tracing/start-tracing.ts';
import { portHint } from './port-hint.ts';

export const serveCommand = (terminal: Terminal): Command =>
  new Command('serve')
    .summary('start the service (the default)')
    .description(
      'Migrates the database and starts the service with its workers. SIGTERM or Ctrl-C stops it. SIGUSR2 logs at debug, and again at LOG_LEVEL.',
    )
    .action(() => serve(terminal));

async function serve({ env, dataDir, isForPerson, write, say }: Terminal): Promise<void> {
  const config = loadConfig(env, { dataDir });
  const log = createLogger({ level: config.logLevel }, isForPerson ? readableLines(write) : undefined);
  switchLogLevel(log);
  const tracing = await loadTracing(env);
  const started = start({ config, log, tracing, onStep: (step) => say(isForPerson ? `  ${step} …\n` : '') });
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping: answers from Calendly that are under way are stored first');
      // Also in the middle of starting: what has been started by then is stopped.
      started
        .then(
          ({ stop }) => stop(),
          () => {},
        )
        .then(() => tracing?.stop())
        .then(
          () => process.exit(0),
          (error: unknown) => {
            log.fatal({ err: error }, 'stopping failed');
            process.exit(1);
          },
        );
    });
  }
  try {
    const { mayAct } = await started;
    if (!stopping) say(announcement(config, mayAct));
  } catch (error) {
    // It was stopped during the start, and the handler of the signal ends the process.
    if (stopping) return;
    if (error instanceof PortInUseError) throw new CommandFailed(portHint(error, env));
    if (error instanceof DataDirInUseError) throw new CommandFailed(error.message);
    const tls = tlsProblem(error);
    if (tls !== null) throw new CommandFailed(tls);
    if (!(error instanceof ConfigurationError)) log.fatal({ err: error }, 'the service could not start');
    throw error instanceof ConfigurationError
      ? error
      : new CommandFailed(String(error instanceof Error ? error.message : error));
  }
}

async function loadTracing(env: Terminal['env']): Promise<Tracing | null> {
  try {
    return await startTracing(env);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CommandFailed(
      'OTEL_… asks for traces, and these are not installed: npm install @opentelemetry/sdk-node @fastify/otel',
      78,
    );
  }
}

/** Where to look. Everything else is the log's. */
function announcement({ mode, publicUrl, sandbox, generated }: Config, mayAct: boolean): string {
  const lines =
    mode === 'sandbox'
      ? [
          `Start here        ${publicUrl}/?tenant=acme-studio   and press Connect`,
          `What is wrong     ${publicUrl}/inspector/diagnoses   or: calendly-reconnect diagnose`,
          `State inspector   ${publicUrl}/inspector   (password ${generated.inspectorPassword ?? 'as you set it'})`,
          `API description   ${publicUrl}/docs`,
          `API key           ${generated.apiKey ?? 'as you set it'}`,
          `Calendly sandbox  ${sandbox.url}/`,
        ]
      : [`State inspector   ${publicUrl}/inspector`, `API description   ${publicUrl}/docs`];
  const running = `\n  Calendly Reconnect is running\n\n${lines.map((line) => `  ${line}\n`).join('')}\n  Ctrl-C stops it. Its data stay.\n\n`;
  if (mayAct) return running;
  return `${running}  BUT its database was written with another address (see the log). So it only shows what is stored, and does nothing else.
  Start it with that address, or let this address take over: ADOPT_INSTALLATION=${publicUrl} npm start\n\n`;
}
