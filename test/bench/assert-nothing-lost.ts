import { sql, type Kysely } from 'kysely';
import type { Database } from '../../src/db/database.ts';
import { waitFor } from '../support/service/wait-for.ts';

/** A delivery that was cut off may have been stored, so there can be copies of it; but each is applied and told once. */
export async function assertNothingLost(db: Kysely<Database>, accepted: number): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await sql<{ left: boolean }>`
        select exists (select from delivery where verdict = 'received') as left`.execute(db);
      return !rows[0]!.left;
    },
    { timeoutMs: 120_000, describe: 'all deliveries to be applied' },
  );
  const { rows } = await sql<Record<string, string>>`
    select (select count(*) from delivery where verdict = 'applied') as applied, (select count(*) from meeting) as meetings,
      (select count(*) from host_event where type = 'meeting.created') as told`.execute(db);
  const counts = Object.values(rows[0]!).map(Number);
  if (counts.some((count) => count !== accepted))
    throw new Error(`${accepted} deliveries were accepted, and applied, shown, told: ${counts.join(', ')}`);
}
