import { sql, type Kysely } from 'kysely';
import type { Database } from '../../../src/db/database.ts';

/**
 * Where any of the texts stands in the database: every row of every table of ours and of pg-boss, all columns, bytes both as
 * they are and as hex. `table: text` each.
 */
export async function searchDatabase(db: Kysely<Database>, texts: readonly string[]): Promise<string[]> {
  const tables = await sql<{ name: string }>`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'pgboss') order by 1`.execute(db);
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<{
      row: Record<string, unknown>;
    }>`select to_jsonb(each) as row from ${sql.raw(name)} as each`.execute(db);
    const haystack = rows.map(({ row }) => JSON.stringify(row) + Object.values(row).map(bytesOf).join('')).join('\n');
    for (const text of texts) if (haystack.includes(text)) found.push(`${name}: ${text}`);
  }
  return found;
}

/** `to_jsonb` shows bytea as `\x…`; a secret in there would be plain bytes. */
const bytesOf = (value: unknown): string =>
  typeof value === 'string' && /^\\x[0-9a-f]*$/.test(value)
    ? Buffer.from(value.slice(2), 'hex').toString('latin1')
    : '';
