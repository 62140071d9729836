import { randomBytes } from 'node:crypto';
import { waitingStates, type ConnectionContext } from '../../../machines/connection/index.ts';
import { startSandbox, type Sandbox, type Switches } from '../../../src/sandbox/index.ts';
import { freePort } from '../service/free-port.ts';
import { installGates, type Gates } from './gates.ts';
import {
  giveUpDeadWorkers,
  installMovableClock,
  jobsAtWork,
  moveQueueClock,
  untilNextJob,
  wakeWorkers,
} from './moved-time.ts';
import { serviceEnvironment } from '../service/service-environment.ts';
import { startServiceChild, type ServiceChild } from '../service/start-service-child.ts';
import { CLIENT } from '../service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { waitFor } from '../service/wait-for.ts';

/** A Calendly, a database and the service as real processes, under one clock that is moved and never waited for. */
export interface TestWorld {
  database: TestDatabase;
  sandbox: Sandbox;
  gates: Gates;
  /** Base of callback and webhook URLs: the first instance's address. */
  publicUrl: string;
  encryptionKeys: string;
  logged: string[];
  instances: ServiceChild[];
  /** The first instance. */
  api: ServiceChild['api'];
  /**
   * Starts what was killed again, at its old address. Where no instance lives, the jobs of the dead come back at once; `patient`: when
   * the service itself finds that their heart has stopped.
   */
  restart(at?: number, options?: { patient?: boolean }): Promise<void>;
  /** Whatever a failed test left: faults, closed gates, dead instances. */
  mend(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Comes back when no job is at work and none is ready. */
  idle(): Promise<void>;
  /**
   * Moves time until these tenants (all) are at rest; throws where one never gets there. `recheck`: those in error that look again
   * by themselves after an hour are given that hour.
   */
  settle(options?: { tenants?: string[]; within?: number; recheck?: boolean }): Promise<void>;
  contextOf(tenantId: string): Promise<{ state: string; context: ConnectionContext; version: number }>;
  stop(): Promise<void>;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** What brings a tenant on; upkeep that never ends (refresh, recheck, poll) does not count. */
const DRIVING = /^(retry|backfill|deadline|debt:.*)$/;
const DRIVING_AND_RECHECK = /^(retry|backfill|deadline|recheck|debt:.*)$/;
/** Refreshes that are busy look again every second: time is not moved in steps that small. */
const LEAST_STEP = 20 * SECOND;

/** Gates hold the service inside its own statements, for longer than those may take in earnest. */
const PATIENT = '&statement_timeout=120000&lock_timeout=120000&query_timeout=121000';

export interface WorldOptions {
  /** false: the service's own limits of statements and locks hold. */
  patient?: boolean;
  instances?: number;
  env?: Record<string, string>;
  switches?: Partial<Switches>;
  /** One's own, instead of a clone of the run's template. */
  database?: TestDatabase;
}

export async function startWorld({
  instances: count = 1,
  env: extra = {},
  switches = {},
  database: given,
  patient = true,
}: WorldOptions = {}): Promise<TestWorld> {
  const database = given ?? (await createTestDatabase());
  await installMovableClock(database.db);
  const gates = await installGates(database);
  const sandbox = await startSandbox({
    ...CLIENT,
    switches: { tokenRateLimit: null, apiRateLimit: null, ...switches },
  });
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const publicUrl = `http://127.0.0.1:${ports[0]}`;
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
  const logged: string[] = [];
  let offsetMs = 0;
  const start = (at: number) =>
    startServiceChild({
      port: ports[at]!,
      offsetMs,
      logged,
      env: {
        ...serviceEnvironment({
          databaseUrl: `${database.url}?application_name=${instanceName(at)}${patient ? PATIENT : ''}`,
          publicUrl,
          sandbox,
          encryptionKeys,
        }),
        ...extra,
      },
    });
  const instances = await Promise.all(ports.map((_, at) => start(at)));
  const { db } = database;
  const alive = () => instances.filter((each) => each.isAlive());

  const world: TestWorld = {
    database,
    sandbox,
    gates,
    publicUrl,
    encryptionKeys,
    logged,
    instances,
    api: (...request) => instances[0]!.api(...request),
    async restart(at = 0, { patient: waits = false } = {}) {
      if (alive().length === 0 && !waits) await giveUpDeadWorkers(db);
      instances[at] = await start(at);
    },
    async mend() {
      sandbox.controls.faults.clear();
      await gates.openAfterKill();
      for (const [at, each] of instances.entries()) if (!each.isAlive()) await world.restart(at);
    },
    async advance(ms) {
      offsetMs += ms;
      // The services first: a timer that is due must not find a clock that says otherwise.
      await Promise.all(alive().map((each) => each.moveClock(offsetMs)));
      sandbox.controls.clock.advance(ms / SECOND);
      await moveQueueClock(db, offsetMs, ms);
    },
    async idle() {
      let jobs: object[] = [];
      await waitFor(async () => (jobs = await jobsAtWork(db)).length === 0, {
        describe: 'every job to be done',
        timeoutMs: 20_000,
      }).catch((error: unknown) => {
        throw new Error(`Still at work: ${JSON.stringify(jobs)}`, { cause: error });
      });
    },
    async settle({ tenants, within = 6 * HOUR, recheck = false } = {}) {
      for (let moved = 0; ;) {
        await world.idle();
        const restless = await restlessTenants(db, recheck, tenants);
        if (restless.length === 0) return;
        const driving = recheck ? DRIVING_AND_RECHECK : DRIVING;
        const next = await untilNextJob(
          db,
          restless.some((each) => each.includes(REFRESH_FAILED)) ? or(driving, /^refresh$/) : driving,
        );
        if (next === undefined) {
          if ((await jobsAtWork(db)).length === 0) throw new Error(`Stuck for good: ${restless.join(', ')}`);
          continue;
        }
        const step = Math.ceil(Math.max(next, LEAST_STEP));
        moved += step;
        if (moved > within) throw new Error(`Not at rest after ${moved / HOUR} h: ${restless.join(', ')}`);
        await world.advance(step);
      }
    },
    async contextOf(tenantId) {
      const row = await db
        .selectFrom('connection')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .executeTakeFirstOrThrow();
      const { context } = row.snapshot as unknown as { context: ConnectionContext };
      return {
        state: row.substate === null ? row.state : `${row.state}.${row.substate}`,
        context,
        version: row.version,
      };
    },
    async stop() {
      for (const each of alive()) {
        each.thaw();
        await each.kill();
      }
      await gates.end();
      await sandbox.close();
    },
  };
  await wakeWorkers(db);
  return world;
}

/** It is tried again, and may find that the grant is lost. */
const REFRESH_FAILED = 'a refresh that failed';
const or = (one: RegExp, other: RegExp): RegExp => new RegExp(`${one.source}|${other.source}`);

/** How the database knows the connections of an instance. */
export const instanceName = (at: number): string => `instance-${at}`;

/** Tenants whom something is still to happen to. A grant that is lost waits for a person alone. */
async function restlessTenants(db: TestDatabase['db'], recheck: boolean, tenants?: string[]): Promise<string[]> {
  const rows = await db.selectFrom('connection').selectAll().execute();
  const open = await db.selectFrom('effect').select(['tenant_id', 'type']).where('answered_at', 'is', null).execute();
  return rows
    .filter((row) => tenants?.includes(row.tenant_id) ?? true)
    .flatMap((row) => {
      const {
        context: { grant, debts, backfill, refreshFailures },
      } = row.snapshot as unknown as { context: ConnectionContext };
      const state = `${row.state}.${row.substate}`;
      const reasons = [
        ...(waitingStates.has(state) || state === 'error.retrying' || (recheck && row.state === 'error' && !grant?.lost)
          ? [state]
          : []),
        ...debts.filter(({ status }) => status !== 'blocked').map(({ id, status }) => `${id} ${status}`),
        ...(grant !== null && !grant.lost && (backfill.state === 'running' || backfill.state === 'waiting')
          ? ['backfill']
          : []),
        ...(refreshFailures > 0 && grant?.lost === false && row.state === 'connected' ? [REFRESH_FAILED] : []),
        ...open.filter(({ tenant_id }) => tenant_id === row.tenant_id).map(({ type }) => type),
      ];
      return reasons.length === 0 ? [] : [`${row.tenant_id} in ${state} (${reasons.join(', ')})`];
    });
}
