import { setTimeout as pause } from 'node:timers/promises';
import type { FaultInput, FaultKind } from '../../src/sandbox/index.ts';
import type { CalendlySide } from './calendly-side.ts';
import type { Caretaker } from './caretaker.ts';
import { DatabaseTrouble, isDatabaseTrouble } from './database-trouble.ts';
import { inParallel } from './in-parallel.ts';
import type { Neighbours } from './neighbours.ts';
import type { SoakWorld } from './world.ts';

const ROUTES: readonly (readonly [method: string | undefined, path: string])[] = [
  ['POST', '/oauth/token'],
  ['POST', '/oauth/revoke'],
  ['GET', '/users/me'],
  ['GET', '/webhook_subscriptions'],
  ['POST', '/webhook_subscriptions'],
  ['GET', '/webhook_subscriptions/:uuid'],
  ['DELETE', '/webhook_subscriptions/:uuid'],
  ['GET', '/scheduled_events'],
  ['GET', '/scheduled_events/:uuid/invitees'],
  [undefined, '/webhook_subscriptions*'],
  [undefined, '/scheduled_events*'],
  [undefined, '/oauth/*'],
  [undefined, '/*'],
];

/** How often each kind of trouble comes, relative to the others. */
const TROUBLE = {
  fault: 10,
  outage: 4,
  duplicates: 6,
  disorder: 8,
  dropped: 8,
  heldBack: 4,
  killed: 12,
  longOutage: 4,
  disabled: 8,
  deleted: 5,
  revoked: 2,
  switched: 6,
  reconnected: 8,
  disconnected: 4,
  moved: 2,
  conflicts: 3,
} as const;
/** Beside it, what is nobody's fault at Calendly. */
const TROUBLE_AT_HOME = {
  silentDatabase: 4,
  databaseRestart: 4,
  refusedLogin: 3,
  readOnlyDatabase: 3,
  lockedRow: 6,
  neighbour: 6,
} as const;
type Trouble = keyof typeof TROUBLE | keyof typeof TROUBLE_AT_HOME;

/** Trouble of all kinds, some of it at the same time, until told to stop. */
export class Chaos {
  readonly #world: SoakWorld;
  readonly #side: CalendlySide;
  readonly #caretaker: Caretaker;
  readonly #neighbours: Neighbours;
  readonly #database: DatabaseTrouble;
  readonly #stopping = new AbortController();
  /** A service cannot start on a database that is sick: the two kinds of trouble take turns. */
  #lastOutage: Promise<unknown> = Promise.resolve();

  constructor(world: SoakWorld, side: CalendlySide, caretaker: Caretaker, neighbours: Neighbours) {
    this.#world = world;
    this.#side = side;
    this.#caretaker = caretaker;
    this.#neighbours = neighbours;
    this.#database = new DatabaseTrouble(world, (ms) => this.#pause(ms));
  }

  async run(): Promise<void> {
    // Calls fail all the time, each for a while; what else happens, happens beside.
    const { random } = this.#world;
    const any = () => random.weighted(TROUBLE);
    await Promise.all([
      this.#lane(() => 'fault'),
      this.#lane(() => 'fault'),
      this.#lane(any),
      this.#lane(any),
      this.#lane(() => random.weighted(TROUBLE_AT_HOME)),
    ]);
    this.#calm();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #lane(choose: () => Trouble): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const trouble = choose();
      this.#world.happened.add(`trouble:${trouble}`);
      await this.#make(trouble);
      await this.#pause(this.#world.random.whole(500, 3_000));
    }
  }

  #inTurn(outage: () => Promise<void>): Promise<void> {
    const mine = this.#lastOutage.then(() => (this.#stopping.signal.aborted ? undefined : outage()));
    this.#lastOutage = mine;
    return mine;
  }

  async #make(trouble: Trouble): Promise<void> {
    const {
      random,
      sandbox: { controls },
      tenants,
      service,
      host,
    } = this.#world;
    if (isDatabaseTrouble(trouble)) return this.#inTurn(() => this.#database.make(trouble));
    const few = () => random.some(tenants, random.whole(1, Math.max(1, Math.ceil(tenants.length / 25))));
    switch (trouble) {
      case 'fault': {
        const [method, path] = random.of(ROUTES);
        const kind = this.#fault();
        // Each of these takes 30 s of a worker: enough to see, too few to stop everything.
        const times = kind.kind === 'hang' ? random.whole(1, 2) : random.whole(2, 20);
        return this.#withFault(
          { ...(method === undefined ? {} : { method }), path, times, ...kind },
          random.whole(2_000, 10_000),
        );
      }
      case 'outage':
        return this.#withFault(
          { path: '/*', times: 'forever', kind: 'respond', status: random.of([429, 500, 503]) },
          random.whole(3_000, 12_000),
        );
      case 'duplicates':
        return this.#withDeliveries({ duplicate: true }, { duplicate: false });
      case 'disorder':
        return this.#withDeliveries(
          { delayMs: random.whole(0, 1_000), jitterMs: random.whole(1_000, 6_000) },
          { delayMs: 0, jitterMs: 0 },
        );
      case 'dropped':
        return controls.deliveries.dropNext(random.whole(2, 15));
      case 'heldBack':
        controls.deliveries.pause();
        await this.#pause(random.whole(2_000, 6_000));
        return controls.deliveries.resume('newest-first');
      case 'killed':
        return this.#inTurn(() => this.#kill(random.whole(0, 5_000), false));
      case 'longOutage':
        return this.#inTurn(() => this.#kill(random.whole(3_000, 8_000), true));
      case 'neighbour':
        return this.#neighbours.makeNoise();
      case 'disabled':
      case 'deleted': {
        const [tenant] = few();
        for (const hook of controls.subscriptions({ account: tenant!.wanted })) {
          if (hook.state !== 'active') continue;
          if (trouble === 'disabled') controls.disableSubscription(hook.uri);
          else controls.deleteSubscription(hook.uri);
        }
        return;
      }
      case 'revoked':
        return controls.accounts.revokeLogin(random.of(tenants).wanted);
      case 'moved':
        controls.accounts.update(random.of(tenants).wanted, { moveTo: null });
        return;
      case 'switched': {
        const tenant = random.of(tenants.filter(({ accounts }) => accounts.length > 1));
        Object.assign(tenant, {
          wanted: tenant.accounts.find((account) => account !== tenant.wanted)!,
          hasWandered: true,
        });
        return this.#caretaker.tend(tenant);
      }
      case 'reconnected':
        // Twice at once: two tabs, two processes, an impatient person.
        return inParallel(
          few().flatMap((tenant) => [tenant, tenant]),
          4,
          (tenant) => this.#caretaker.reconnect(tenant),
        );
      case 'disconnected': {
        const tenant = random.of(tenants);
        tenant.hasWandered = true;
        if (service.isRunning) await host.disconnect(tenant.id).catch(() => undefined);
        return this.#caretaker.tend(tenant);
      }
      case 'conflicts': {
        controls.switches.set({ conflictKey: random.of(['url+scope', 'user+scope+events'] as const) });
        await this.#pause(random.whole(5_000, 15_000));
        controls.switches.set({ conflictKey: 'url' });
      }
    }
  }

  #fault(): FaultKind {
    const { random } = this.#world;
    const kind = random.weighted({
      respond: 10,
      drop: 4,
      dropAfterWork: 3,
      garbage: 3,
      delay: 4,
      delayAfterWork: 3,
      hang: 1,
    });
    if (kind === 'respond') return { kind, status: random.of([429, 500, 502, 503]) };
    if (kind === 'delay' || kind === 'delayAfterWork') return { kind, ms: random.whole(500, 6_000) };
    return { kind };
  }

  async #withFault(fault: FaultInput, ms: number): Promise<void> {
    const { faults } = this.#world.sandbox.controls;
    const id = faults.add(fault);
    this.#side.faults.set(id, `${fault.kind}${fault.kind === 'respond' ? ` ${fault.status}` : ''}`);
    await this.#pause(ms);
    faults.remove(id);
  }

  async #withDeliveries(on: object, off: object): Promise<void> {
    const { deliveries } = this.#world.sandbox.controls;
    deliveries.configure(on);
    await this.#pause(this.#world.random.whole(4_000, 12_000));
    deliveries.configure(off);
  }

  /** Seen from the next start, a long outage is one that nobody had noted the service's running in. */
  async #kill(downMs: number, isLong: boolean): Promise<void> {
    const { service, database } = this.#world;
    if (!service.isRunning) return;
    await service.kill();
    await this.#pause(downMs);
    if (isLong)
      await database.db
        .updateTable('service_run')
        .set({ last_seen_at: new Date(Date.now() - 600_000) })
        .execute();
    await service.start();
  }

  #calm(): void {
    const { controls } = this.#world.sandbox;
    controls.faults.clear();
    controls.deliveries.configure({ duplicate: false, delayMs: 0, jitterMs: 0, dropNext: 0 });
    controls.switches.set({ conflictKey: 'url' });
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
