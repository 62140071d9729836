import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { dispatch } from '../../../src/connection/dispatch/dispatch.ts';
import { inTenantTransaction } from '../../../src/connection/dispatch/in-tenant-transaction.ts';
import { NO_LIMITS, openDatabase } from '../../../src/db/database.ts';
import { startBoss } from '../../../src/jobs/queues.ts';
import { timerSource } from '../../../src/jobs/timer-source.ts';
import { freePort } from '../../support/service/free-port.ts';
import { API_KEY } from '../bench-environment.ts';
import { compareRuns, figureOfRun, runOf, type Figure, type Run } from '../figure.ts';
import { fillTenants } from '../fill-tenants.ts';
import { measure } from '../measure.ts';
import { residentMegabytes } from '../resident-megabytes.ts';
import { startLoad } from '../start-load.ts';
import { startProcesses } from '../start-processes.ts';
import { storeTenants } from '../store-tenant.ts';

/** Few, so that a time is that of the operation and not of a queue. */
const CONNECTIONS = 4;
const DUE_TIMERS = 100;

/** The same operations on the same hundred tenants, with ever more others beside them. The smallest size is the baseline. */
export async function scale(sizes: readonly number[]): Promise<Figure[]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const processes = await startProcesses(url);
  const { db, deps, databaseUrl } = processes;
  const filling = openDatabase({ url: databaseUrl, limits: NO_LIMITS, max: 1 });
  const boss = await startBoss({ url: databaseUrl, max: 1, onError: () => {} });
  const load = startLoad();
  const headers = { authorization: `Bearer ${API_KEY}` };
  const smallest = new Map<string, Figure>();
  const figures: Figure[] = [];
  const add = (operation: string, size: number, figure: Figure) => {
    const baseline = smallest.get(operation);
    if (baseline === undefined) smallest.set(operation, figure);
    const value = baseline === undefined ? 1 : figure.perSecond.median / baseline.perSecond.median;
    const ratio = baseline === undefined ? null : { of: `${sizes[0]} tenants`, value };
    figures.push({ ...figure, suite: operation, what: `${size} tenants`, ratio });
  };
  try {
    const tenants = await storeTenants(deps, url, 100);
    const get = (pathOf: (tenantId: string) => string) => () =>
      load.run({
        targets: tenants.map(({ tenantId }) => ({ url: `${url}${pathOf(tenantId)}` })),
        connections: CONNECTIONS,
        headers,
        measuredMs: 1_500,
      });
    const attemptExpiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const connect = {
      type: 'connect',
      switchAccount: false,
      attemptExpiresAt,
      recentMs: 0,
    } as const;
    const cause = { kind: 'route', route: 'bench' } as const;
    const ofService: Record<string, () => Promise<Run>> = {
      'a delivery received': () =>
        load.run({ targets: tenants.map(({ webhook }) => webhook), connections: CONNECTIONS, measuredMs: 1_500 }),
      'an access token': get((tenantId) => `/v1/tenants/${tenantId}/access-token`),
      'a connection': get((tenantId) => `/v1/tenants/${tenantId}/connection`),
      "a page of a tenant's meetings": get((tenantId) => `/v1/tenants/${tenantId}/meetings`),
      "a page of a tenant's history": get((tenantId) => `/v1/tenants/${tenantId}/history`),
      'a diagnosis': get((tenantId) => `/v1/tenants/${tenantId}/diagnosis`),
      'a page of all tenants, with counts': get(() => '/v1/tenants'),
      'a search for a tenant': get((tenantId) => `/v1/tenants?q=${tenantId}`),
      'an event dispatched': () =>
        measure(CONNECTIONS, async (index) => {
          const { tenantId } = tenants[index % tenants.length]!;
          const event = { ...connect, attemptId: randomUUID() };
          await inTenantTransaction({ db }, tenantId, (trx) =>
            dispatch(trx, { ...deps, boss, publicUrl: url }, tenantId, event, cause),
          );
        }),
    };
    let filled = 0;
    for (const size of sizes) {
      await fillTenants(filling.db, filled, size);
      filled = size;
      const begun = performance.now();
      const child = await processes.start(port);
      const startMs = performance.now() - begun;
      add('a start, until it listens', size, figureOfRun('', '', runOf([startMs], startMs / 1000)));
      for (const [operation, run] of Object.entries(ofService)) {
        add(operation, size, (await compareRuns('', { [operation]: run }))[0]!);
      }
      const megabytes = residentMegabytes(child.pid);
      await child.terminate();
      add(`${DUE_TIMERS} due timers claimed`, size, figureOfRun('', '', await claimTimers()));
      console.error(`  ${size} tenants: ${megabytes} MB of memory after all this`);
    }
    return figures.sort((one, other) => one.suite.localeCompare(other.suite));
  } finally {
    load.stop();
    await boss.stop({ graceful: false, close: true });
    await filling.close();
    await processes.close();
  }

  async function claimTimers(): Promise<Run> {
    const times: number[] = [];
    for (let round = 0; round < 30; round++) {
      await sql`update timer set due_at = now() - interval '1 second', claimed_until = null
        where name = 'watch' and tenant_id = any(${Array.from({ length: DUE_TIMERS }, (_, at) => `filled-${at + 1}`)}::text[])`.execute(
        db,
      );
      const begun = performance.now();
      const due = await timerSource(db).fetch(DUE_TIMERS);
      times.push(performance.now() - begun);
      if (due.length !== DUE_TIMERS) throw new Error(`${due.length} of ${DUE_TIMERS} due timers were claimed`);
    }
    // Not to be found due by the next service.
    await sql`update timer set due_at = now() + interval '1 day' where due_at < now()`.execute(db);
    return runOf(times, times.reduce((sum, ms) => sum + ms, 0) / 1000);
  }
}
