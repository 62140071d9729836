import { fileURLToPath } from 'node:url';
import { ConfigurationError } from './config/configuration-error.ts';
import { loadConfig, type Config } from './config/load-config.ts';
import { createLogger } from './logger/create-logger.ts';
import { readableLines } from './logger/readable-lines.ts';
import { PortInUseError } from './boot/assert-port-free.ts';
import { start } from './boot/start.ts';

const DATA_DIR = fileURLToPath(new URL('../.data', import.meta.url));
const isForPerson = process.stdout.isTTY === true;

/** Beside the log, to the person who typed `npm start`. */
const say = (text: string) => void process.stderr.write(text);

/** Where to look. Everything else is the log's. */
function announce({ mode, publicUrl, sandbox, generated }: Config, mayAct: boolean): void {
  const lines =
    mode === 'sandbox'
      ? [
          `Demo host page    ${publicUrl}/`,
          `State inspector   ${publicUrl}/inspector   (password ${generated.inspectorPassword ?? 'as given'})`,
          `API description   ${publicUrl}/docs`,
          `API key           ${generated.apiKey ?? 'as given'}`,
          `Calendly sandbox  ${sandbox.url}/`,
        ]
      : [`State inspector   ${publicUrl}/inspector`, `API description   ${publicUrl}/docs`];
  say(
    `\n  Calendly Reconnect is running\n\n${lines.map((line) => `  ${line}\n`).join('')}\n  Ctrl-C stops it; what it stored stays.\n\n`,
  );
  if (mayAct) return;
  say(`  BUT its database was written under another address (see the log), so it only shows what is there and does nothing.
  Start it with that address again, or let this one take over: ADOPT_INSTALLATION=${publicUrl} npm start\n\n`);
}

async function main(): Promise<void> {
  let config: Config;
  try {
    config = loadConfig(process.env, { dataDir: DATA_DIR });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    say(`${error.message}\n`);
    process.exitCode = 78;
    return;
  }
  const log = createLogger(
    { level: config.logLevel },
    isForPerson ? readableLines((text) => process.stdout.write(text)) : undefined,
  );
  const started = start({ config, log, onStep: (step) => say(isForPerson ? `  ${step} …\n` : '') });
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping: answers in hand are stored first');
      // Also in the middle of starting: what has been started by then is stopped.
      started
        .then(
          ({ stop }) => stop(),
          () => {},
        )
        .then(
          () => process.exit(),
          (error: unknown) => {
            log.fatal({ err: error }, 'stopping failed');
            process.exit(1);
          },
        );
    });
  }
  try {
    const { mayAct } = await started;
    if (!stopping) announce(config, mayAct);
  } catch (error) {
    // What a person can mend needs no stack.
    const isMendable = error instanceof PortInUseError || error instanceof ConfigurationError;
    if (!isMendable) log.fatal({ err: error }, 'the service could not start');
    say(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof ConfigurationError ? 78 : 1;
    if (!stopping) process.exit();
  }
}

await main();
