import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';

/** Throws for a tenant that was never seen, because an empty list would say that it is known. */
export async function assertKnown(db: Kysely<Database>, tenantId: string): Promise<void> {
  const row = await db
    .selectFrom('connection')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError('tenant_unknown');
}
