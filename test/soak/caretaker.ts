import type { Tenant, SoakWorld } from './world.ts';

const CALLERS = 4;

/** The people of the tenants: whoever finds their connection not as it should be, does what it names. */
export class Caretaker {
  readonly #world: SoakWorld;
  readonly #busy = new Set<Tenant>();

  constructor(world: SoakWorld) {
    this.#world = world;
  }

  /** Looks after everybody once. Gives the tenants that are not yet as wanted. */
  async round(): Promise<Tenant[]> {
    const open: Tenant[] = [];
    const left = [...this.#world.tenants];
    await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let tenant = left.shift(); tenant !== undefined; tenant = left.shift()) {
          if (
            !(await this.tend(tenant)
              .then(() => this.isAsWanted(tenant!))
              .catch(() => false))
          )
            open.push(tenant);
        }
      }),
    );
    return open;
  }

  async isAsWanted(tenant: Tenant): Promise<boolean> {
    const now = await this.#world.host.connection(tenant.id);
    return (
      now?.state === 'connected' &&
      now.delivery === 'webhooks' &&
      now.debts.length === 0 &&
      now.account?.uri === this.#world.uriOf(tenant.wanted)
    );
  }

  /** A person comes only where one is asked for: `error.retrying` and all that is under way is left alone. */
  async tend(tenant: Tenant): Promise<void> {
    const { host, happened, service, uriOf } = this.#world;
    if (this.#busy.has(tenant) || !service.isRunning) return;
    this.#busy.add(tenant);
    try {
      const now = await host.connection(tenant.id);
      const isOther = now?.account != null && now.account.uri !== uriOf(tenant.wanted);
      const place = now === null ? 'unknown' : `${now.state}.${now.substate}`;
      const isAsked =
        now === null ||
        now.state === 'disconnected' ||
        isOther ||
        place === 'authorizing.awaitingConsent' ||
        place === 'authorizing.confirmingAccount' ||
        (now.state === 'error' && now.substate !== 'retrying');
      if (!isAsked) return;
      const wasAsked = await host.connect(tenant.id, tenant.wanted, isOther);
      const why = isOther ? 'other account wanted' : now?.state === 'error' ? `${place} ${now.lastError?.code}` : place;
      happened.add(`person:${why}${wasAsked ? ', consent' : ''}`);
      if (tenant.connectedAt === 0) tenant.connectedAt = Date.now();
    } catch {
      // The service, or Calendly, is away: the person tries again later.
    } finally {
      this.#busy.delete(tenant);
    }
  }

  async reconnect(tenant: Tenant): Promise<void> {
    const { host, service } = this.#world;
    if (!service.isRunning) return;
    await host.connect(tenant.id, tenant.wanted, false).catch(() => undefined);
  }
}
