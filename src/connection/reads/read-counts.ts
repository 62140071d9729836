import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { DOUBT_MS } from '../../grants/refresh-intents.ts';
import { countHostEvents } from '../../host-events/list-host-events.ts';
import { countByState } from './list-tenants.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The counts over all tenants for the metrics. Each is read when it is asked for, and is the same on every instance. */
export function readCounts(db: Kysely<Database>, now: () => Date) {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  return {
    tenantsByState: () => countByState(db),
    hostEvents: () => countHostEvents(db),
    /** Presentations of refresh tokens in the last hour by outcome; `open`: not answered yet. */
    async refreshes(): Promise<Record<string, number>> {
      const rows = await db
        .selectFrom('refresh_intent')
        .select(['outcome', ({ fn }) => fn.countAll<number>().as('count')])
        .where(({ eb, or }) => or([eb('answered_at', '>', ago(HOUR_MS)), eb('answered_at', 'is', null)]))
        .groupBy('outcome')
        .execute();
      return Object.fromEntries(rows.map(({ outcome, count }) => [outcome ?? 'open', Number(count)]));
    },
    /** Counts grants whose refresh token was presented without an answer. */
    async grantsInDoubt(): Promise<number> {
      const { count } = await db
        .selectFrom('refresh_intent')
        .innerJoin('oauth_grant', (join) =>
          join
            .onRef('oauth_grant.id', '=', 'refresh_intent.grant_id')
            .onRef('oauth_grant.refresh_token_id', '=', 'refresh_intent.refresh_token_id'),
        )
        .select(({ fn }) => fn.count<number>('grant_id').distinct().as('count'))
        .where('lost_at', 'is', null)
        .where(({ eb, and, or }) =>
          or([
            and([eb('answered_at', 'is', null), eb('started_at', '<', ago(DOUBT_MS))]),
            // A doubt is resolved within the hour or never, because it leads to another presentation at once.
            and([eb('outcome', '=', 'in_doubt'), eb('answered_at', '>', ago(HOUR_MS))]),
          ]),
        )
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    /** Open debts by age. */
    async debts(): Promise<{ under_1h: number; under_1d: number; over_1d: number }> {
      const { rows } = await sql<{ hour: string; day: string; older: string }>`
        select count(*) filter (where created_at > ${ago(HOUR_MS)}) as hour,
          count(*) filter (where created_at <= ${ago(HOUR_MS)} and created_at > ${ago(DAY_MS)}) as day,
          count(*) filter (where created_at <= ${ago(DAY_MS)}) as older
        from debt where settled_at is null`.execute(db);
      const [row] = rows;
      return { under_1h: Number(row?.hour), under_1d: Number(row?.day), over_1d: Number(row?.older) };
    },
    /** Deliveries that are stored and not applied yet. */
    async deliveriesToApply(): Promise<number> {
      const { count } = await db
        .selectFrom('delivery')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('verdict', '=', 'received')
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}
