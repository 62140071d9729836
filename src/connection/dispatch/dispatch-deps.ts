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
  /** Called after each commit, with the changes and the jobs that it brought. */
  onCommitted?(after: Readonly<AfterCommit>): void;
  /** Called each time an answer could not be stored. The answer is kept, and storing it is tried again. */
  onStoreFailed?(tenantId: string, error: unknown): void;
  /** Called with the states before and after each accepted event. It counts, and decides nothing. */
  onTransition?(from: string, to: string): void;
}
