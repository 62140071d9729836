import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/**
 * Sessions are signed and not stored. So a session that a logout ends is remembered, for all instances, until it would have ended by
 * itself.
 */
export async function endSession(
  db: Kysely<Database>,
  { id, expiresAt }: { id: string; expiresAt: number },
): Promise<void> {
  await db
    .insertInto('ended_session')
    .values({ id, expires_at: new Date(expiresAt) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export async function isSessionEnded(db: Kysely<Database>, id: string): Promise<boolean> {
  return (await db.selectFrom('ended_session').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}
