import type { Kysely, KyselyPlugin } from 'kysely';
import type { Database } from '../../../src/db/database.ts';

/** The same database, where something else happens after each statement: what may happen in between does. */
export function afterEachStatement(db: Kysely<Database>, happens: () => Promise<unknown>): Kysely<Database> {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await happens();
      return result;
    },
  };
  return db.withPlugin(plugin);
}
