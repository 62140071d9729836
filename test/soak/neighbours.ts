import { MACHINE_VERSION } from '../../machines/connection/index.ts';
import type { SoakWorld } from './world.ts';

const INVITEES = 1_000;

/**
 * Tenants that do their worst beside those who are judged: an event that Calendly cannot show, a credential that no key opens, a row of a newer
 * release, groups of a thousand that are called off, and events that the host takes and does not answer.
 */
export class Neighbours {
  readonly #world: SoakWorld;
  #poisoned = '';

  constructor(world: SoakWorld) {
    this.#world = world;
  }

  async moveIn(): Promise<void> {
    const {
      host,
      sandbox: { controls },
      receiver,
      database: { db },
    } = this.#world;
    const ids = ['poisoned', 'unreadable', 'newer', 'town-hall', 'talkative'].map((name) => `neighbour-${name}`);
    for (const id of ids) {
      controls.accounts.add({ slug: id, name: id, plan: 'paid', role: 'owner' });
      await host.connect(id, id, false);
    }
    const { eventUri } = this.#book('neighbour-poisoned');
    this.#poisoned = eventUri.split('/').at(-1)!;
    await db
      .updateTable('credential')
      .set({ key_id: 'gone' })
      .where('tenant_id', '=', 'neighbour-unreadable')
      .execute();
    await db
      .updateTable('connection')
      .set({ machine_version: MACHINE_VERSION + 1 })
      .where('tenant_id', '=', 'neighbour-newer')
      .execute();
    receiver.answerWith((event) => (event.tenantId === 'neighbour-talkative' ? 'hang' : 204));
  }

  /** One of them makes itself heard. */
  makeNoise(): void {
    const { random, happened } = this.#world;
    const noise = random.of(['poison', 'town hall', 'talk'] as const);
    happened.add(`neighbour:${noise}`);
    this.#make(noise);
  }

  #make(noise: 'poison' | 'town hall' | 'talk'): void {
    const { controls } = this.#world.sandbox;
    if (noise === 'poison') {
      // Of the account's events in their order, this one can never be read, and others come behind it.
      controls.faults.add({
        path: `/scheduled_events/${this.#poisoned}*`,
        kind: 'respond',
        status: 500,
        times: 'forever',
      });
      for (let count = 0; count < 5; count++) this.#book('neighbour-poisoned');
    } else if (noise === 'talk') {
      for (let count = 0; count < 20; count++) this.#book('neighbour-talkative');
    } else {
      const { eventUri } = this.#book('neighbour-town-hall', { eventName: 'Town hall', inviteesLimit: INVITEES });
      for (let count = 1; count < INVITEES; count++) this.#book('neighbour-town-hall', { group: eventUri });
      controls.cancel({ event: eventUri, by: 'host', reason: 'Rain' });
    }
  }

  #book(account: string, more: object = {}): { eventUri: string } {
    return this.#world.sandbox.controls.book({ account, name: 'Loud Guest', email: 'loud@guest.example', ...more });
  }
}
