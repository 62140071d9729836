import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/service/free-port.ts';
import { assertNothingLost } from '../assert-nothing-lost.ts';
import { API_KEY } from '../bench-environment.ts';
import { figureOfRun, type Figure, type Run } from '../figure.ts';
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
    const figure = (what: string, run: Run & { retried: Record<string, number> }) =>
      figureOfRun(`${INSTANCES} processes behind a proxy`, `${what}; sent again: ${JSON.stringify(run.retried)}`, run);
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
