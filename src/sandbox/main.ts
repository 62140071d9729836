import { env } from 'node:process';
import { startSandbox } from './index.ts';

/*
 * The sandbox on its own: `npm run sandbox`. A program of its own, hence its own few settings; docs/sandbox.md lists them.
 */
const clientId = env['SANDBOX_CLIENT_ID'] || 'sandbox-client';
const clientSecret = env['SANDBOX_CLIENT_SECRET'] || 'sandbox-secret';
const stateFile = env['SANDBOX_STATE_FILE'] ?? '.data/sandbox.json';

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
