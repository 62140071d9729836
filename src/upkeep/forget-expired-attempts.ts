import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { deleteCredentials } from '../grants/credentials.ts';

/** A code that arrives at the last moment is exchanged within minutes, and a person may take 15 minutes to confirm another account. */
const LONGEST_USE_AFTER_EXPIRY_MS = 60 * 60 * 1000;

/** Deletes consent attempts that nobody can use any more, with their code and verifier, a batch per transaction. */
export async function forgetExpiredAttempts(
  db: Kysely<Database>,
  now: Date,
  { batch, signal }: { batch: number; signal?: AbortSignal | undefined },
): Promise<number> {
  const before = new Date(now.getTime() - LONGEST_USE_AFTER_EXPIRY_MS);
  let forgotten = 0;
  for (;;) {
    if (signal?.aborted) return forgotten;
    const count = await db.transaction().execute(async (trx) => {
      const attempts = await trx
        .selectFrom('consent_attempt')
        .select(['id', 'code_id', 'code_verifier_id'])
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(batch)
        .forUpdate()
        .skipLocked()
        .execute();
      if (attempts.length === 0) return 0;
      await trx
        .deleteFrom('consent_attempt')
        .where(
          'id',
          'in',
          attempts.map(({ id }) => id),
        )
        .execute();
      await deleteCredentials(
        trx,
        attempts.flatMap((row) => [row.code_id, row.code_verifier_id]).filter((id) => id !== null),
      );
      return attempts.length;
    });
    forgotten += count;
    if (count < batch) return forgotten;
  }
}
