import type { SoakWorld } from './world.ts';

const TROUBLES = ['silentDatabase', 'databaseRestart', 'refusedLogin', 'readOnlyDatabase', 'lockedRow'] as const;
export type DatabaseTroubleName = (typeof TROUBLES)[number];

export const isDatabaseTrouble = (name: string): name is DatabaseTroubleName =>
  (TROUBLES as readonly string[]).includes(name);

/** The database, or the service's way to it, is sick for some seconds. */
export class DatabaseTrouble {
  readonly #world: SoakWorld;
  readonly #pause: (ms: number) => Promise<void>;

  constructor(world: SoakWorld, pause: (ms: number) => Promise<void>) {
    this.#world = world;
    this.#pause = pause;
  }

  async make(trouble: DatabaseTroubleName): Promise<void> {
    const { sick } = this.#world;
    const recover = await this.#begin(trouble);
    await this.#pause(this.#world.random.whole(500, 8_000));
    await recover?.();
    await sick.heal();
  }

  async #begin(trouble: DatabaseTroubleName): Promise<(() => Promise<unknown>) | void> {
    const { sick, random, tenants } = this.#world;
    switch (trouble) {
      case 'silentDatabase':
        return sick.fallSilent({ newOnes: random.of(['silent', 'answered'] as const), hears: random.next() < 0.5 });
      case 'databaseRestart':
        return random.next() < 0.5 ? sick.cut() : sick.refuse();
      case 'refusedLogin':
        return sick.refuseLogin();
      case 'readOnlyDatabase':
        return sick.forbidWriting();
      case 'lockedRow': {
        const held = await Promise.all(random.some(tenants, random.whole(1, 3)).map(({ id }) => sick.lockTenant(id)));
        return () => Promise.all(held.map((release) => release()));
      }
    }
  }
}
