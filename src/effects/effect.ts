import type { Kysely, Transaction } from 'kysely';
import type { EffectParams, EffectType, UnstampedEvent } from '../../machines/connection/index.ts';
import type { ApiClient } from '../calendly/api.ts';
import type { RecordExchange, Trace } from '../calendly/exchange.ts';
import type { OAuthClient } from '../calendly/oauth.ts';
import type { SealedBox } from '../grants/sealed-box.ts';
import type { Database } from '../db/database.ts';

/** What every effect can use. Effects never import the connection: they answer with events. */
export interface EffectDeps {
  db: Kysely<Database>;
  box: SealedBox;
  api: ApiClient;
  oauth: OAuthClient;
  now(): Date;
  /** Name of this running instance, shown in refresh intents. */
  instance: string;
  webhooks: {
    publicUrl: string;
    scope: 'user' | 'organization';
    events: readonly string[];
    /** Organization scope refused for a plain member: user scope will do, with the events that it can have. */
    fallback: { scope: 'user'; events: readonly string[] } | null;
  };
  pollingMinutes: number;
  watchMinutes: number;
  backfillPastDays: number;
}

/**
 * Chooses the event inside the transaction that stores what it is about: possessions and event are one, or neither.
 * null: there is something to store, and nothing to tell.
 */
export type Produce = (trx: Transaction<Database>) => Promise<UnstampedEvent | null>;

export interface EffectRun {
  tenantId: string;
  trace: Trace;
  /** When the machine asked for it. */
  requestedAt: Date;
  /** 1 for the first run; more after a crash or a postponement. */
  run: number;
  /** Stores and sends an event before the effect is over; comes back only once it is committed. */
  report(produce: Produce): Promise<void>;
  /** For answers that bring tokens: logged at once, stored only after them. Comes back without waiting for that. */
  recordAfterwards: RecordExchange;
}

/** `null`: what there was to say is already reported. Postponed: somebody else's work has to end first. */
export type EffectAnswer = { event: UnstampedEvent | Produce | null } | { postponeUntil: Date };

export type EffectImplementation<T extends EffectType> = (
  deps: EffectDeps,
  run: EffectRun,
  params: EffectParams<T>,
) => Promise<EffectAnswer>;
