import type { Call } from '../../src/sandbox/index.ts';
import type { SoakWorld } from './world.ts';

/** What became of one delivery, as Calendly sees it. */
export interface DeliveryFate {
  key: string;
  inviteeUri: string;
  status: string;
  attempts: number;
  createdAt: number;
  deliveredAt: number | null;
}

/** A request to the token endpoint whose answer the service may never have had. */
export interface LostAnswer {
  account: string | null;
  grantType: string | null;
}

const MOST_CALLS_KEPT = 4_000;
/** The service may have had an answer and died before it was stored. */
const SAVE_MS = 5_000;

/** Keeps account of deliveries and calls while the sandbox, which forgets the oldest, still knows them. */
export class CalendlySide {
  readonly deliveries = new Map<string, DeliveryFate>();
  /** What each fault does, by its id. */
  readonly faults = new Map<string, string>();
  calls = 0;
  readonly #world: SoakWorld;
  readonly #seenCalls = new Map<number, Call>();
  readonly #keys = new Map<string, { key: string; inviteeUri: string }>();
  readonly #tokenCalls: Call[] = [];

  constructor(world: SoakWorld) {
    this.#world = world;
  }

  look(): void {
    this.#lookAtDeliveries();
    this.#lookAtCalls();
  }

  /** Of calls that were answered with tokens: those whose answer was cut off or came when the service was killed. */
  lostTokenAnswers(): LostAnswer[] {
    const { kills } = this.#world.service;
    return this.#tokenCalls
      .filter((call) => {
        const cut = this.faults.get(call.fault ?? '')?.startsWith('dropAfterWork') ?? false;
        const at = Date.parse(call.at);
        const isKilled = kills.some((kill) => kill >= at && kill <= at + (call.durationMs ?? 120_000) + SAVE_MS);
        return cut || isKilled || call.status === null;
      })
      .map(({ account, grantType }) => ({ account, grantType }));
  }

  #lookAtDeliveries(): void {
    for (const { id, event, status, attempts, createdAt, body } of this.#world.sandbox.controls.deliveries.list()) {
      const known = this.deliveries.get(id);
      if (known?.status === status && known.attempts === attempts.length) continue;
      const name = this.#keys.get(id) ?? nameOf(event, body);
      this.#keys.set(id, name);
      const success = attempts.find((attempt) => attempt.status !== null && attempt.status < 300);
      this.deliveries.set(id, {
        ...name,
        status,
        attempts: attempts.length,
        createdAt: Date.parse(createdAt),
        deliveredAt: success ? Date.parse(success.at) + success.durationMs : null,
      });
    }
  }

  #lookAtCalls(): void {
    const { controls } = this.#world.sandbox;
    const calls = controls.calls();
    for (const call of calls) {
      const isNew = !this.#seenCalls.has(call.id);
      if (!isNew && this.#seenCalls.get(call.id)!.durationMs !== null) continue;
      this.#seenCalls.set(call.id, call);
      if (isNew) {
        this.calls++;
        if (call.fault !== null) this.#world.happened.add(`fault:${this.faults.get(call.fault) ?? 'unknown'}`);
        if (call.path === '/oauth/token') this.#tokenCalls.push(call);
      } else {
        const at = this.#tokenCalls.findIndex(({ id }) => id === call.id);
        if (at >= 0) this.#tokenCalls[at] = call;
      }
    }
    if (calls.length > MOST_CALLS_KEPT) {
      controls.clearCalls();
      this.#seenCalls.clear();
    }
  }
}

function nameOf(event: string, body: string): { key: string; inviteeUri: string } {
  const inviteeUri = (JSON.parse(body) as { payload: { uri: string } }).payload.uri;
  return { key: `${event} ${inviteeUri}`, inviteeUri };
}
