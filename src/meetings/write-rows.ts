import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

/**
 * Inserts or replaces any number of rows in one statement with one parameter. All rows have the same columns. Other columns keep their
 * value, or get their default.
 */
export async function writeRows(
  trx: Transaction<Database>,
  table: 'meeting' | 'scheduled_event',
  key: readonly string[],
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]!);
  const list = sql.join(columns.map((column) => sql.ref(column)));
  const changes = sql.join(
    columns
      .filter((column) => !key.includes(column))
      .map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`),
  );
  await sql`
    insert into ${sql.table(table)} (${list})
    select ${list} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb)
    on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${changes}`.execute(trx);
}
