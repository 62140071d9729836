import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type OpenDatabase } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { startReceiver, type Receiver } from '../support/service/start-receiver.ts';
import { freePort } from '../support/service/free-port.ts';
import { makeSick, type SickPostgres } from '../support/postgres/sick-postgres.ts';
import { Host } from './host.ts';
import { Random } from './random.ts';
import { ServiceProcess } from './service-process.ts';
import type { SoakSettings } from './settings.ts';
import { Tally } from './tally.ts';

/** One customer of the host product, and the accounts that it may be linked with by turns. */
export interface Tenant {
  id: string;
  accounts: readonly string[];
  /** Slug of the account that it means to be linked with. */
  wanted: string;
  /** More than one account was ever wanted, or it was disconnected: what was missed then was missed on purpose. */
  hasWandered: boolean;
  /** Epoch ms. */
  connectedAt: number;
}

export interface SoakWorld {
  settings: SoakSettings;
  random: Random;
  sandbox: Sandbox;
  service: ServiceProcess;
  host: Host;
  /** Our own way to the database, which is always well. */
  database: OpenDatabase;
  /** The service's way to it. */
  sick: SickPostgres;
  /** The host product's endpoint for events. */
  receiver: Receiver;
  tenants: Tenant[];
  happened: Tally;
  /** Milliseconds of reconnects while everybody's back-fill was under way. */
  reconnects: number[];
  /** Slug of an account to its URI. */
  uriOf(account: string): string;
  close(): Promise<void>;
}

const CLIENT = { clientId: 'soak-client', clientSecret: 'soak-client-secret-value' };
const API_KEY = randomBytes(24).toString('base64url');
/** So short that every grant is refreshed several times in a run. */
const ACCESS_TOKEN_SECONDS = 400;
/** Nobody knows Calendly's; these let a retry come within the run. */
const RETRY_DELAYS_SECONDS = [1, 3, 10, 30, 60];

/** PostgreSQL, the sandbox and the service, with every tenant's accounts; nobody is connected yet. */
export async function openSoakWorld(settings: SoakSettings): Promise<SoakWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-soak-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  const sandbox = await startSandbox({
    ...CLIENT,
    switches: { accessTokenSeconds: ACCESS_TOKEN_SECONDS, retryDelaysSeconds: RETRY_DELAYS_SECONDS },
  });
  const database = openDatabase({ url: postgres.url, max: 4 });
  const sick = await makeSick({ url: postgres.url, pool: database.pool });
  const receiver = await startReceiver();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = new ServiceProcess(url, {
    ...receiver.env,
    DATABASE_URL: sick.url,
    PORT: String(port),
    PUBLIC_URL: url,
    CALENDLY_CLIENT_ID: CLIENT.clientId,
    CALENDLY_CLIENT_SECRET: CLIENT.clientSecret,
    CALENDLY_AUTH_BASE_URL: sandbox.url,
    CALENDLY_API_BASE_URL: sandbox.url,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    API_KEYS: API_KEY,
    INSPECTOR_PASSWORD: randomBytes(12).toString('hex'),
    WATCH_MINUTES: '1',
    POLLING_MINUTES: '1',
  });
  const tenants = Array.from({ length: settings.tenants }, (_, index): Tenant => {
    const accounts = [`host-${index}`, `spare-${index}`];
    // Every tenth may switch to a second account.
    return {
      id: `tenant-${index}`,
      accounts: index % 10 === 0 ? accounts : accounts.slice(0, 1),
      wanted: accounts[0]!,
      hasWandered: false,
      connectedAt: 0,
    };
  });
  const uris = new Map<string, string>();
  for (const slug of tenants.flatMap(({ accounts }) => accounts)) {
    uris.set(slug, sandbox.controls.accounts.add({ slug, name: `Host ${slug}`, plan: 'paid', role: 'owner' }).uri);
  }
  return {
    settings,
    sandbox,
    service,
    database,
    sick,
    receiver,
    tenants,
    random: new Random(settings.seed),
    host: new Host(url, API_KEY),
    happened: new Tally(),
    reconnects: [],
    uriOf: (account) => uris.get(account) ?? '',
    async close() {
      await sick.heal();
      receiver.letGo();
      await service.stop();
      await receiver.close();
      await sandbox.close();
      await sick.close();
      await database.close();
      await postgres.stop();
      await removeEmbeddedPostgres(dataDir);
    },
  };
}
