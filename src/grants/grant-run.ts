import type { Kysely, Transaction } from 'kysely';
import type { UnstampedEvent } from '../../machines/connection/index.ts';
import type { CalendlyClient } from '../calendly/client.ts';
import type { RecordExchange, Trace } from '../calendly/exchange.ts';
import type { Database } from '../db/database.ts';
import type { SealedBox } from './sealed-box.ts';

/** What every user of a grant needs: an effect, a debt, a reader of access tokens. */
export interface GrantDeps {
  db: Kysely<Database>;
  box: SealedBox;
  /** Every configured application. `clientOfGrant` says which one a grant belongs to. */
  clients: readonly CalendlyClient[];
  record: RecordExchange;
  now(): Date;
  /** Name of this running instance, shown in refresh intents. */
  instance: string;
}

/**
 * Stores something in the transaction and returns the event that tells of it, so that both are committed or neither. Null if there is
 * something to store, but no event.
 */
export type Produce = (trx: Transaction<Database>) => Promise<UnstampedEvent | null>;

/** One piece of work with a grant. */
export interface GrantRun {
  tenantId: string;
  trace: Trace;
  /** 1 for the first run; more after a crash or a postponement. */
  run: number;
  /**
   * Stores the new state of the grant and its event at once, so that new tokens do not wait until the work that needed them has ended.
   * Resolves when it is committed. Only `grants/` uses it; an effect answers by what it returns.
   */
  report(produce: Produce): Promise<void>;
  /** For answers that bring tokens: the exchange is logged at once, and stored only after the tokens. Resolves without waiting for that. */
  recordAfterwards: RecordExchange;
}
