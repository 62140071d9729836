import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../../config/load-config.ts';
import { createLogger } from '../../logger/create-logger.ts';
import type { FaultInput, Sandbox } from '../../sandbox/index.ts';
import { start } from '../../boot/start.ts';
import { createHost } from '../host.ts';
import { until } from '../until.ts';
import type { Who, Surroundings } from './surroundings.ts';
import { countStoredTokens } from './count-stored-tokens.ts';
import { freePort } from './free-port.ts';

const SLUGS: Record<Who, string> = { first: 'alice', second: 'bob' };
const TENANT = 'checklist';

/**
 * Starts a service, a database and a sandbox of its own, which are deleted afterwards. Nothing has to be configured, and no person is
 * asked.
 */
export async function startSandboxSurroundings({
  faults,
  patienceSeconds,
  say,
}: {
  faults: readonly FaultInput[];
  patienceSeconds: number;
  say: (text: string) => void;
}): Promise<Surroundings> {
  const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-checklist-'));
  // PostgreSQL, which must not run as root, has to be able to enter this folder.
  await chmod(dataDir, 0o711);
  const config = loadConfig({ PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) }, { dataDir });
  const log = createLogger({ level: 'info' }, pino.destination({ dest: join(dataDir, 'service.log'), sync: true }));
  const running = await start({ config, log, durable: false, onStep: (step) => say(`${step} …\n`) }).catch(
    async (error: unknown) => {
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    },
  );
  const sandbox = running.sandbox as Sandbox;
  for (const fault of faults) sandbox.controls.faults.add(fault);
  const host = createHost(config.publicUrl, config.apiKeys[0]?.secret ?? '', TENANT);
  let invitees = 0;

  return {
    title: 'the Calendly sandbox',
    host,
    patienceSeconds,
    async giveConsent(authorizeUrl, who) {
      const body = new URLSearchParams({ account: SLUGS[who], decision: 'allow' });
      const answered = await fetch(authorizeUrl, { method: 'POST', body, redirect: 'manual' });
      const callback = answered.headers.get('location');
      if (callback === null) throw new Error(`The consent page answered ${answered.status}.`);
      const consentedAt = performance.now();
      await fetch(callback, { redirect: 'manual' });
      return consentedAt;
    },
    async book(who) {
      const name = `Invitee ${++invitees}`;
      const bookedAt = performance.now();
      const { inviteeUri } = sandbox.controls.book({
        account: SLUGS[who],
        name,
        email: `invitee-${invitees}@guest.example`,
      });
      const meeting = await until(
        `The meeting of ${name} is visible`,
        patienceSeconds,
        async () => (await host.meetings()).find((candidate) => candidate.inviteeUri === inviteeUri),
        5,
      );
      return { meeting, seconds: (performance.now() - bookedAt) / 1000 };
    },
    webhooks: async (who) => ({
      count: sandbox.controls.subscriptions({ account: SLUGS[who] }).length,
      how: 'counted in the sandbox',
    }),
    async liveTokens(who) {
      const { liveAccessTokens, liveRefreshTokens } = sandbox.controls.tokens(SLUGS[who]);
      return { count: liveAccessTokens + liveRefreshTokens, how: 'counted in the sandbox' };
    },
    storedTokens: () => countStoredTokens(running.databaseUrl, TENANT),
    async close() {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
