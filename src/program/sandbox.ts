import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { once } from 'node:events';
import { Command } from 'commander';
import { CommandFailed, type Terminal } from '../cli/terminal.ts';
import { startSandbox, type Switches } from '../sandbox/index.ts';

const DESCRIPTION = `Starts the local Calendly sandbox alone, until Ctrl-C. Use it to try things and to make Calendly fail (docs/sandbox.md).

Its settings: SANDBOX_PORT (4010), SANDBOX_HOST (127.0.0.1), SANDBOX_PUBLIC_URL, SANDBOX_PRODUCT_URL, SANDBOX_CLIENT_ID (sandbox-client), SANDBOX_CLIENT_SECRET
(sandbox-secret), SANDBOX_APP_SIGNING_KEY (random), SANDBOX_SWITCHES (a file), SANDBOX_STATE_FILE (.data/sandbox-alone.json; empty: only in memory).`;

export const sandboxCommand = (terminal: Terminal): Command =>
  new Command('sandbox')
    .summary('start the Calendly sandbox alone')
    .description(DESCRIPTION)
    .action(() => run(terminal));

/** A file with an object of switches, from `probe` or written by hand. Wrong switches are reported at the start. */
function readSwitches(file: string): Partial<Switches> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Switches>;
  } catch (error) {
    throw new CommandFailed(`SANDBOX_SWITCHES cannot be read: ${(error as Error).message}`);
  }
}

async function run({ env, dataDir, say, write }: Terminal): Promise<void> {
  const clientId = env['SANDBOX_CLIENT_ID'] || 'sandbox-client';
  const clientSecret = env['SANDBOX_CLIENT_SECRET'] || 'sandbox-secret';
  // Not the state file of a service with its own sandbox, because two sandboxes cannot share a file.
  const stateFile = env['SANDBOX_STATE_FILE'] ?? resolve(env['DATA_DIR'] || dataDir, 'sandbox-alone.json');
  const port = Number(env['SANDBOX_PORT'] || 4010);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CommandFailed('SANDBOX_PORT must be a port number.', 78);
  const log = (data: object, message: string) => say(`${message} ${JSON.stringify(data)}\n`);
  const sandbox = await startSandbox({
    host: env['SANDBOX_HOST'] || '127.0.0.1',
    port,
    clientId,
    clientSecret,
    ...(stateFile && { stateFile }),
    ...(env['SANDBOX_SWITCHES'] && { switches: readSwitches(env['SANDBOX_SWITCHES']) }),
    ...(env['SANDBOX_APP_SIGNING_KEY'] && { appSigningKey: env['SANDBOX_APP_SIGNING_KEY'] }),
    ...(env['SANDBOX_PUBLIC_URL'] && { publicUrl: env['SANDBOX_PUBLIC_URL'].replace(/\/$/, '') }),
    ...(env['SANDBOX_PRODUCT_URL'] && { productUrl: env['SANDBOX_PRODUCT_URL'] }),
    logger: { info: log, warn: log },
  }).catch((error: unknown) => {
    throw new CommandFailed(`The sandbox cannot start: ${(error as Error).message}`);
  });
  write(`Calendly sandbox at ${sandbox.url}
  pages      ${sandbox.url}/            book, cancel, reschedule as an invitee
  OAuth      ${sandbox.url}/oauth       client ${clientId}, secret ${clientSecret}
  API        ${sandbox.url}/users/me    and all other routes
  controls   ${sandbox.url}/sandbox     see docs/sandbox.md
  state      ${stateFile || 'only in memory'}
`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await sandbox.close();
}
