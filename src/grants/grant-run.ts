import type { Kysely, Transaction } from 'kysely';
import type { UnstampedEvent } from '../../machines/connection/index.ts';
import type { CalendlyClient } from '../calendly/client.ts';
import type { RecordExchange, Trace } from '../calendly/exchange.ts';
import type { Database } from '../db/database.ts';
import type { SealedBox } from './sealed-box.ts';

/** What work with a grant needs, whoever does it: an effect, a debt, a reader of access tokens. */
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
 * Chooses the event inside the transaction that stores its tokens or webhook: both are committed, or neither.
 * null: there is something to store, and nothing to tell.
 */
export type Produce = (trx: Transaction<Database>) => Promise<UnstampedEvent | null>;

/** One piece of work with a grant. */
export interface GrantRun {
  tenantId: string;
  trace: Trace;
  /** 1 for the first run; more after a crash or a postponement. */
  run: number;
  /**
   * Stores the new state of the grant and tells the connection, at once: new tokens do not wait until the work that needed them
   * has ended. Comes back only once it is committed. For the grants alone; an effect answers by what it returns.
   */
  report(produce: Produce): Promise<void>;
  /** For answers that bring tokens: logged at once, stored only after them. Comes back without waiting for that. */
  recordAfterwards: RecordExchange;
}
