import type { PgBoss } from 'pg-boss';
import type { SealedBox } from '../../grants/sealed-box.ts';
import type { AfterCommit } from './after-commit.ts';

/** What a dispatch needs beside its transaction. */
export interface DispatchDeps {
  boss: PgBoss;
  box: SealedBox;
  /** The one clock: every event is stamped with it. */
  now(): Date;
  /** Base of the callback URLs of subscriptions. */
  publicUrl: string;
  /** Told after each commit, with the changes and the jobs that it brought. */
  onCommitted?(after: Readonly<AfterCommit>): void;
  /** Told each time that an answer in hand could not be stored; it is kept, and tried again. */
  onStoreFailed?(tenantId: string, error: unknown): void;
  /** Hears of every accepted event's change of state; counts, and decides nothing. */
  onTransition?(from: string, to: string): void;
}
