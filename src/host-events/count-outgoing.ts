import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** Counts of events to the host, of one tenant or of all. Counting stops at `MOST_COUNTED`, because pages are read often. */
export interface Outgoing {
  waiting: number;
  parked: number;
}
export const MOST_COUNTED = 1_000;

export async function countOutgoing(db: Kysely<Database>, tenantId?: string): Promise<Outgoing> {
  const count = async (status: keyof Outgoing): Promise<number> => {
    const { count: found } = await db
      .selectFrom((inner) => {
        const rows = inner.selectFrom('host_event').select('seq').where('status', '=', status).limit(MOST_COUNTED);
        return (tenantId === undefined ? rows : rows.where('tenant_id', '=', tenantId)).as('counted');
      })
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(found);
  };
  return { waiting: await count('waiting'), parked: await count('parked') };
}
