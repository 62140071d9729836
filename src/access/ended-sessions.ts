import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** A session is signed and stored nowhere; what a logout ends is remembered, for all instances, until it would have ended anyway. */
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
