import type { ConnectionContext, ConnectionEvent, Effect, UnstampedEvent } from '../../../machines/connection/index.ts';
import { waitingStates } from '../../../machines/connection/index.ts';
import { statePath } from '../../../src/connection/dispatch/snapshot.ts';
import { HOUR, MINUTE, SECOND } from '../events/payloads.ts';
import { uuidOf } from '../moment.ts';
import { takeStep, type Position } from '../take-step.ts';
import { truthAfter, type Truth } from '../world/truth.ts';
import type { ModelWorld } from '../world/world.ts';
import { carryOut } from './effects/carry-out.ts';
import type { Run } from './effects/run.ts';
import { newTokens, type GrantTruth } from './grant-truth.ts';
import { saidByAWellCalendly, type SaidByCalendly } from './said-by-calendly.ts';

export interface Costs {
  oauthCalls: number;
  apiCalls: number;
  historyRows: number;
  /** Runs of effects: one that has to wait for another looks again every second. */
  effectRuns: number;
}

/** What a call takes; a call that nobody answers takes its own limit. */
const CALL_MS = 300;
const OAUTH_LIMIT_MS = 60 * SECOND;
const API_LIMIT_MS = 30 * SECOND;
/** How soon an effect that is postponed looks again. */
const LOOK_AGAIN_MS = SECOND;
const BACKFILL_EVERY_MS = 24 * HOUR;
/** More in one minute is a loop, not a life. */
const MOST_STEPS_A_MINUTE = 200;

const ONLY_FOR_ITS_STEP = new Set(['exchangeCode', 'identifyAccount', 'listSubscriptions', 'createSubscription']);

interface UnderWay {
  effect: Effect;
  asked: ConnectionContext;
  requestedAt: number;
  /** When it runs, or, with `event`, when its answer comes. */
  at: number;
  event?: UnstampedEvent | null;
}

/** One tenant in virtual time: the pure machine, its timers, its effects and a Calendly that is well or fails in some way. */
export class Life {
  now: number;
  position: Position;
  /** By day since the beginning. */
  readonly costs: Costs[] = [];
  /** When tokens came, whoever asked for them. */
  readonly refreshedAt: number[] = [];
  readonly #beganAt: number;
  readonly #name: string;
  readonly #grants: Map<string, GrantTruth>;
  #truth: Truth;
  #said = saidByAWellCalendly;
  #underWay: UnderWay[];
  #backfillAskedAt: number;
  #events = 0;

  constructor({ position, truth, pending, now }: ModelWorld, name: string) {
    this.now = now;
    this.position = position;
    this.#beganAt = now;
    this.#name = name;
    this.#truth = truth;
    this.#backfillAskedAt = now;
    this.#underWay = pending.map(({ effect, asked }) => ({ effect, asked, requestedAt: now, at: now }));
    this.#grants = new Map([...truth.grants.keys()].map((id) => [id, this.#grantTruth(id)]));
  }

  get state(): string {
    return statePath(this.position.snapshot.value);
  }

  /** Effects that are not answered yet. */
  get open(): number {
    return this.#underWay.length;
  }

  get context(): ConnectionContext {
    return this.position.snapshot.context;
  }

  /** The current grant's refresh token is good at Calendly: nobody has to consent anew. */
  get hasGoodGrant(): boolean {
    const grant = this.#grants.get(this.context.grant?.id ?? '');
    return grant !== undefined && !grant.isLost;
  }

  /** From now on Calendly says this. */
  calendlySays(said: SaidByCalendly): void {
    this.#said = said;
  }

  tell(event: UnstampedEvent): void {
    this.#dispatch(event);
  }

  /** What is planned under this name comes now. */
  makeDue(timer: string): void {
    const { event } = this.position.timers.get(timer)!;
    this.#dispatch(event);
  }

  /** Lets time go by until `end`, or until `isReached`. */
  live(end: number, isReached: () => boolean = () => false): void {
    let minute = this.now;
    let steps = 0;
    while (!isReached()) {
      const next = this.#next();
      if (next.at >= end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, next.at);
      if (this.now - minute > MINUTE) [minute, steps] = [this.now, 0];
      if (++steps > MOST_STEPS_A_MINUTE) throw new Error(`${this.#name} turns round in ${this.state}`);
      next.happen();
    }
  }

  #next(): { at: number; happen(): void } {
    const effect = this.#underWay.reduce<UnderWay | undefined>(
      (first, each) => (first === undefined || each.at < first.at ? each : first),
      undefined,
    );
    const timer = [...this.position.timers.values()].reduce(
      (first, each) => (each.dueAt < first.dueAt ? each : first),
      { dueAt: Infinity } as { dueAt: number; event?: UnstampedEvent },
    );
    const backfillAt = this.context.grant?.lost === false ? this.#backfillAskedAt + BACKFILL_EVERY_MS : Infinity;
    const at = Math.min(effect?.at ?? Infinity, timer.dueAt, backfillAt);
    if (effect?.at === at) return { at, happen: () => this.#goOn(effect) };
    if (timer.dueAt === at && timer.event) return { at, happen: () => this.#dispatch(timer.event!) };
    return {
      at,
      happen: () => {
        this.#backfillAskedAt = this.now;
        this.#dispatch({ type: 'backfill.overdue', since: new Date(this.now - BACKFILL_EVERY_MS).toISOString() });
      },
    };
  }

  /** Runs an effect, or brings the answer that is on its way. */
  #goOn(underWay: UnderWay): void {
    this.#underWay = this.#underWay.filter((each) => each !== underWay);
    if (underWay.event !== undefined) return void (underWay.event && this.#dispatch(underWay.event));
    const { effect, asked, requestedAt } = underWay;
    if (ONLY_FOR_ITS_STEP.has(effect.type) && !this.#isAwaited(effect)) return;
    const run = carryOut(effect, {
      now: this.now,
      requestedAt,
      accountUri: asked.grant?.accountUri ?? asked.candidate?.accountUri ?? null,
      grants: this.#grants,
      truth: this.#truth,
      said: this.#said,
      fresh: (word) => this.#id(word),
    });
    const costs = this.#costs();
    costs.oauthCalls += run.oauthCalls;
    costs.apiCalls += run.apiCalls;
    costs.effectRuns +=
      run.postponedUntil === undefined ? 1 : Math.ceil((run.postponedUntil - this.now) / LOOK_AGAIN_MS);
    const at = run.postponedUntil ?? this.now + this.#duration(run);
    this.#underWay.push({
      effect,
      asked,
      requestedAt,
      at,
      ...(run.postponedUntil === undefined ? { event: run.event } : {}),
    });
  }

  #isAwaited({ params }: Effect): boolean {
    return waitingStates.has(this.state) && 'generation' in params && params.generation === this.context.generation;
  }

  #duration({ oauthCalls, apiCalls }: Run): number {
    const isSilent = (said: { failure?: { code: string } } | { code: string } | null): boolean =>
      said !== null && ('code' in said ? said.code : said.failure?.code) === 'calendly_timeout';
    return (
      oauthCalls * (isSilent(this.#said.revoke) ? OAUTH_LIMIT_MS : CALL_MS) +
      apiCalls * (isSilent(this.#said.user as { failure?: { code: string } } | null) ? API_LIMIT_MS : CALL_MS)
    );
  }

  #dispatch(unstamped: UnstampedEvent): void {
    const event: ConnectionEvent = { ...unstamped, at: new Date(this.now).toISOString(), id: this.#id('event') };
    const before = this.context;
    const step = takeStep(this.position, event);
    this.position = step.after;
    this.#truth = truthAfter(this.#truth, event);
    if (event.type === 'token.refreshed' || event.type === 'token.issued') this.refreshedAt.push(this.now);
    if (this.context.backfill.run !== before.backfill.run) this.#backfillAskedAt = this.now;
    this.#costs().historyRows++;
    for (const effect of step.outgoing.effects)
      this.#underWay.push({ effect, asked: this.context, requestedAt: this.now, at: this.now });
  }

  #costs(): Costs {
    const day = Math.floor((this.now - this.#beganAt) / (24 * HOUR));
    return (this.costs[day] ??= { oauthCalls: 0, apiCalls: 0, historyRows: 0, effectRuns: 0 });
  }

  #id(word: string): string {
    return uuidOf(this.#name, word, this.#events++);
  }

  #grantTruth(id: string): GrantTruth {
    const known = [this.context.grant, this.context.candidate].find((grant) => grant?.id === id);
    const grant = newTokens(this.now);
    if (!known) return grant;
    return {
      ...grant,
      expiresAt: Date.parse(known.expiresAt),
      refreshedAt: Date.parse(known.refreshedAt),
      isLost: known.lost,
    };
  }
}
