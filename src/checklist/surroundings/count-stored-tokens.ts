import { openDatabase } from '../../db/database.ts';
import type { Counted } from './surroundings.ts';

/** Counts the rows of the service's own table that hold a token of this tenant. */
export async function countStoredTokens(databaseUrl: string, tenantId: string): Promise<Counted> {
  const { db, close } = openDatabase({ url: databaseUrl, max: 1 });
  try {
    const rows = await db
      .selectFrom('credential')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('purpose', 'in', ['access_token', 'refresh_token'])
      .execute();
    return { count: rows.length, how: 'counted in the database' };
  } finally {
    await close();
  }
}
