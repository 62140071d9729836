import type { SandboxContext } from '../context.ts';
import type { Delivery, Subscription } from '../state.ts';
import { postDelivery } from './post-delivery.ts';
import { recordAttempt } from './record-attempt.ts';
import { signDelivery } from './sign-delivery.ts';

const CONCURRENT_POSTS = 20;
/** The clock can be moved (`clock.advance`, an injected `now`), so no sleep is longer than this. */
const LONGEST_SLEEP_MS = 1000;

/** Sends what is due, as Calendly does: in parallel, each delivery on its own schedule, at least once. */
export class DeliverySender {
  readonly #context: SandboxContext;
  readonly #inFlight = new Set<Delivery>();
  #timer: NodeJS.Timeout | undefined;
  #idleWaiters: (() => void)[] = [];

  constructor(context: SandboxContext) {
    this.#context = context;
    const stop = () => {
      clearTimeout(this.#timer);
      this.#announceIdle();
    };
    context.stopping.addEventListener('abort', stop, { once: true });
  }

  wake(): void {
    const { deliverySettings, state, stopping, clock } = this.#context;
    clearTimeout(this.#timer);
    if (stopping.aborted) return;
    const waiting = state.deliveries.filter(
      (delivery) => delivery.status === 'pending' && !this.#inFlight.has(delivery),
    );
    const due = waiting.filter((delivery) => delivery.dueAtMs <= clock.nowMs());
    if (!deliverySettings.paused) {
      const room = Math.max(0, CONCURRENT_POSTS - this.#inFlight.size);
      for (const delivery of due.slice(0, room)) void this.send(delivery);
    }
    if (this.#inFlight.size === 0 && (deliverySettings.paused || due.length === 0)) this.#announceIdle();
    const later = waiting.filter((delivery) => !due.includes(delivery)).map(({ dueAtMs }) => dueAtMs);
    if (later.length === 0 || deliverySettings.paused) return;
    this.#timer = setTimeout(
      () => this.wake(),
      Math.max(0, Math.min(Math.min(...later) - clock.nowMs(), LONGEST_SLEEP_MS)),
    );
  }

  /** Makes one attempt now, whatever the schedule says. */
  async send(delivery: Delivery): Promise<void> {
    const subscription = this.#context.state.subscriptions.find(({ uuid }) => uuid === delivery.subscription);
    if (subscription?.deletedAt !== null || subscription.state === 'disabled') {
      if (delivery.status === 'pending') delivery.status = 'abandoned';
      this.#context.saveSoon();
      queueMicrotask(() => this.wake());
      return;
    }
    this.#inFlight.add(delivery);
    const startedAtMs = this.#context.clock.nowMs();
    const answer = await this.#post(delivery, subscription, startedAtMs);
    this.#inFlight.delete(delivery);
    // The sandbox stopped in the middle. The attempt is forgotten and made again after the restart, so it is sent at least once.
    if (this.#context.stopping.aborted) return;
    recordAttempt(this.#context, delivery, subscription, { ...answer, startedAtMs });
    this.#context.saveSoon();
    const told = { event: delivery.event, url: subscription.url, ...answer };
    if (answer.status !== null && answer.status < 300) this.#context.log.info(told, 'Delivered');
    else this.#context.log.warn(told, 'Delivery failed');
    this.wake();
  }

  /** Resolves when nothing is being sent and nothing is due (or sending is paused). */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.wake();
    });
  }

  #post(delivery: Delivery, subscription: Subscription, startedAtMs: number) {
    const { switches, state, stopping } = this.#context;
    const key =
      switches.signingKeyPrecedence === 'app' ? state.appSigningKey : (subscription.signingKey ?? state.appSigningKey);
    const isFirst = delivery.attempts.length === 0;
    const timestamp =
      isFirst || switches.retrySignature === 'original' ? delivery.timestamp : Math.floor(startedAtMs / 1000);
    return postDelivery({
      url: subscription.url,
      body: delivery.body,
      signature: signDelivery(key, timestamp, delivery.body),
      connectTimeoutMs: switches.deliveryConnectTimeoutMs,
      readTimeoutMs: switches.deliveryReadTimeoutMs,
      stopping,
    });
  }

  #announceIdle(): void {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
