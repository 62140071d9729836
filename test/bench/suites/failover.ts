import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/service/free-port.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { assertNothingLost } from '../assert-nothing-lost.ts';
import { figureOfRun, type Figure } from '../figure.ts';
import { startLoad } from '../start-load.ts';
import { startPair } from '../start-pair.ts';
import { startProcesses } from '../start-processes.ts';
import { storeTenants } from '../store-tenant.ts';

const CALM_MS = 5_000;
const LOAD_MS = 20_000;

/** Deliveries while the primary is killed and its synchronous standby takes over. Fails where an acknowledged one is lost. */
export async function failover(): Promise<Figure[]> {
  const pair = await startPair();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const processes = await startProcesses(url, pair);
  const load = startLoad();
  try {
    const tenants = await storeTenants(processes.deps, url, 100);
    await processes.start(port);
    const targets = tenants.map(({ webhook }) => webhook);
    const common = { targets, connections: 20, retries: true };
    const calm = await load.run({ ...common, measuredMs: CALM_MS });
    const disturbed = load.run({ ...common, measuredMs: LOAD_MS });
    await delay(CALM_MS);
    const begun = performance.now();
    await pair.failOver();
    const promotedMs = performance.now() - begun;
    await waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200, {
      describe: 'readiness on the other database',
      timeoutMs: 30_000,
    });
    const readyMs = performance.now() - begun;
    const delivered = await disturbed;
    await assertNothingLost(processes.db, calm.sent + delivered.sent);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    const suite = 'a synchronous standby takes over';
    return [
      figureOfRun(suite, 'deliveries, nothing happens', calm),
      figureOfRun(
        suite,
        `deliveries, the primary killed; promoted after ${seconds(promotedMs)} s, ready after ${seconds(readyMs)} s; sent again: ${JSON.stringify(delivered.retried)}`,
        delivered,
      ),
    ];
  } finally {
    load.stop();
    await processes.close();
    await pair.close();
  }
}
