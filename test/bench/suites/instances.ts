import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../../../src/db/database.ts';
import { freePort } from '../../support/service/free-port.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { API_KEY } from '../bench-environment.ts';
import type { Figure } from '../figure.ts';
import { startLoad } from '../start-load.ts';
import { startProcesses } from '../start-processes.ts';
import { startProxy } from '../start-proxy.ts';
import { storeTenants } from '../store-tenant.ts';

const INSTANCES = 3;
const BETWEEN_MS = 2_000;
/** Longer than all restarts together, which the load goes on through. */
const LOAD_MS = 30_000;

/**
 * Three processes behind a proxy, under load. One after the other is told to stop and started again, and one is killed. Fails where
 * an acknowledged delivery is lost or applied twice, or where sending again did not help.
 */
export async function instances(): Promise<Figure[]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const processes = await startProcesses(url);
  const ports = [];
  for (let index = 0; index < INSTANCES; index++) ports.push(await freePort());
  const running = [];
  for (const each of ports) running.push(await processes.start(each));
  const proxy = await startProxy(ports, port);
  const deliveries = startLoad();
  const tokens = startLoad();
  try {
    const tenants = await storeTenants(processes.deps, url, 100);
    const common = { connections: 20, retries: true };
    const loadOf = (measuredMs: number) =>
      Promise.all([
        deliveries.run({ ...common, measuredMs, targets: tenants.map(({ webhook }) => webhook) }),
        tokens.run({
          ...common,
          measuredMs,
          targets: tenants.map(({ tenantId }) => ({ url: `${url}/v1/tenants/${tenantId}/access-token` })),
          headers: { authorization: `Bearer ${API_KEY}` },
        }),
      ]);
    const calm = await loadOf(5_000);
    const disturbed = loadOf(LOAD_MS);
    for (const [index, each] of ports.entries()) {
      await delay(BETWEEN_MS);
      await running[index]!.terminate();
      running[index] = await processes.start(each);
    }
    await delay(BETWEEN_MS);
    await running[0]!.kill();
    await delay(BETWEEN_MS);
    running[0] = await processes.start(ports[0]!);
    const [delivered, given] = await disturbed;
    await assertNothingLost(processes.db, calm[0].sent + delivered.sent);
    const figure = (what: string, run: Omit<(typeof calm)[0], 'sent'>): Figure => ({
      suite: `${INSTANCES} processes behind a proxy`,
      what: `${what}; sent again: ${
        Object.entries(run.retried)
          .map(([status, count]) => `${count} (${status})`)
          .join(', ') || 'none'
      }`,
      perSecond: { median: run.perSecond, lowest: run.perSecond, highest: run.perSecond },
      p50Ms: run.p50Ms,
      p99Ms: run.p99Ms,
      ratio: null,
    });
    return [
      figure('deliveries, nothing happens', calm[0]),
      figure('deliveries, each restarted, one killed', delivered),
      figure('access tokens, nothing happens', calm[1]),
      figure('access tokens, each restarted, one killed', given),
    ];
  } finally {
    deliveries.stop();
    tokens.stop();
    proxy.close();
    await processes.close();
  }
}

/** A delivery that was cut off may have been stored, so there can be copies of it; but each is applied and told once. */
async function assertNothingLost(db: Kysely<Database>, accepted: number): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from delivery where verdict = 'received') as left`.execute(db);
      return !rows[0]!.left;
    },
    { timeoutMs: 120_000, describe: 'all deliveries to be applied' },
  );
  const { rows } = await sql<Record<string, string>>`
    select (select count(*) from delivery where verdict = 'applied') as applied, (select count(*) from meeting) as meetings,
      (select count(*) from host_event where type = 'meeting.created') as told`.execute(db);
  const counts = Object.values(rows[0]!).map(Number);
  if (counts.some((count) => count !== accepted))
    throw new Error(`${accepted} deliveries were accepted, and applied, shown, told: ${counts.join(', ')}`);
}
