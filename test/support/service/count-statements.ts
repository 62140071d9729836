import type { Kysely } from 'kysely';

/** The same database, and how many statements were given to it. Begin and commit are not counted. */
export function countStatements<DB>(db: Kysely<DB>): { db: Kysely<DB>; count(): number } {
  let statements = 0;
  const counted = db.withPlugin({
    transformQuery: ({ node }) => {
      statements++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: counted, count: () => statements };
}
