import type { Config } from '../../config/load-config.ts';
import { createLogger } from '../../logger/create-logger.ts';
import { start } from '../../boot/start.ts';

export interface FoundService {
  /** The URL at which it can be reached from here. */
  url: string;
  /** null: it runs in another process, with a database that only that process knows. */
  databaseUrl: string | null;
  stop(): Promise<void>;
}

/** Finds the service that already runs with this configuration, or starts one. Fails if Calendly could not reach it. */
export async function findOrStartService(config: Config, say: (text: string) => void): Promise<FoundService> {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  const url = `http://${host}:${config.port}`;
  const found = await findService(config, url, say);
  if (await isAlive(config.publicUrl)) return found;
  await found.stop();
  throw new Error(
    `${config.publicUrl} (PUBLIC_URL) does not lead to the service at ${url}: Calendly could not deliver a webhook. Set up the tunnel or proxy first.`,
  );
}

async function findService(config: Config, url: string, say: (text: string) => void): Promise<FoundService> {
  if (await isAlive(url)) {
    say(`Using the service that runs at ${url}.\n`);
    return { url, databaseUrl: config.databaseUrl, stop: async () => {} };
  }
  const running = await start({ config, log: createLogger({ level: 'silent' }), onStep: (step) => say(`${step} …\n`) });
  return { url, databaseUrl: running.databaseUrl, stop: running.stop };
}

const isAlive = (url: string): Promise<boolean> =>
  fetch(`${url}/health/live`, { signal: AbortSignal.timeout(10_000) }).then(
    (response) => response.ok,
    () => false,
  );
