import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';

/** A list of a tenant that was never seen is not an empty list. */
export async function assertKnown(db: Kysely<Database>, tenantId: string): Promise<void> {
  const row = await db
    .selectFrom('connection')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError('tenant_unknown');
}
