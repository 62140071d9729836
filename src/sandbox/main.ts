import { readFileSync } from 'node:fs';
import { env } from 'node:process';
import { startSandbox, type Switches } from './index.ts';

/*
 * The sandbox on its own: `npm run sandbox`. A program of its own, hence its own few settings; docs/sandbox.md lists them.
 */
const clientId = env['SANDBOX_CLIENT_ID'] || 'sandbox-client';
const clientSecret = env['SANDBOX_CLIENT_SECRET'] || 'sandbox-secret';
const stateFile = env['SANDBOX_STATE_FILE'] ?? '.data/sandbox.json';

const switchesFile = env['SANDBOX_SWITCHES'] ?? '';

/** Found out by `npm run probe`, or written by hand: an object of switches. What is wrong with one is said at the start. */
function readSwitches(file: string): Partial<Switches> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Switches>;
  } catch (error) {
    console.error(`SANDBOX_SWITCHES cannot be read: ${(error as Error).message}`);
    process.exit(1);
  }
}

const port = Number(env['SANDBOX_PORT'] || 4010);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('SANDBOX_PORT must be a port number.');
  process.exit(1);
}

const sandbox = await startSandbox({
  host: env['SANDBOX_HOST'] || '127.0.0.1',
  port,
  clientId,
  clientSecret,
  ...(stateFile && { stateFile }),
  ...(switchesFile && { switches: readSwitches(switchesFile) }),
  ...(env['SANDBOX_APP_SIGNING_KEY'] && { appSigningKey: env['SANDBOX_APP_SIGNING_KEY'] }),
  ...(env['SANDBOX_PUBLIC_URL'] && { publicUrl: env['SANDBOX_PUBLIC_URL'].replace(/\/$/, '') }),
  logger: {
    info: (data, message) => console.log(message, data),
    warn: (data, message) => console.warn(message, data),
  },
}).catch((error: unknown) => {
  console.error(`The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});

console.log(`Calendly sandbox at ${sandbox.url}
  pages      ${sandbox.url}/            book, cancel, reschedule as an invitee
  OAuth      ${sandbox.url}/oauth       client ${clientId}, secret ${clientSecret}
  API        ${sandbox.url}/users/me    and the rest at the root
  controls   ${sandbox.url}/sandbox     see docs/sandbox.md
  state      ${stateFile || 'in memory only'}`);

const stop = () => void sandbox.close();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
