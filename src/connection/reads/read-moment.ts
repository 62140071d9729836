import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { readJobs } from '../../jobs/live-jobs.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE } from '../../jobs/queues.ts';
import { ProblemError } from '../../errors.ts';
import { showExchange, type ExchangeItem } from '../../exchanges/list-exchanges.ts';
import { withStays, type TimelineRow } from './read-timeline.ts';

export interface EffectStory {
  id: string;
  type: string;
  params: unknown;
  runs: number;
  createdAt: Date;
  answeredAt: Date | null;
  answer: string | null;
  job: string | null;
  /** Oldest first, one for each attempt and call. */
  exchanges: ExchangeItem[];
}

export interface Moment {
  row: TimelineRow;
  /** The effect whose answer this event is. */
  cameFrom: EffectStory | null;
  /** The effects that this event started. */
  setGoing: EffectStory[];
}

/** One row of the history with everything around it. */
export async function readMoment(db: Kysely<Database>, tenantId: string, historyId: number): Promise<Moment> {
  const found = await db
    .selectFrom('history')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', historyId)
    .executeTakeFirst();
  if (found === undefined)
    throw new ProblemError('not_found', 'The history of this tenant does not have this row, or not any more.');
  const [row] = withStays(
    [
      {
        id: found.id,
        kind: found.kind,
        version: found.version,
        at: found.at.toISOString(),
        event: found.event,
        from: found.from_state,
        to: found.to_state,
        cause: found.cause,
        actions: found.actions,
        note: found.note,
        machineVersion: found.machine_version,
      },
    ],
    null,
  );
  const cause = row!.cause.kind === 'effect' ? row!.cause.effectId : null;
  const going = row!.actions?.effects.map((effect) => effect.id) ?? [];
  const stories = await readEffects(db, tenantId, [...(cause === null ? [] : [cause]), ...going]);
  const storyOf = (id: string) => stories.find((story) => story.id === id);
  return {
    row: row!,
    cameFrom: (cause !== null && storyOf(cause)) || null,
    setGoing: going.map(storyOf).filter((story) => story !== undefined),
  };
}

async function readEffects(db: Kysely<Database>, tenantId: string, ids: string[]): Promise<EffectStory[]> {
  if (ids.length === 0) return [];
  const effects = await db
    .selectFrom('effect')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  const exchanges = await db
    .selectFrom('exchange')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('effect_id', 'in', ids)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  const jobIds = effects.map((effect) => effect.job_id);
  const jobs = await readJobs(db, [EFFECTS_QUEUE, BACKFILLS_QUEUE], jobIds);
  return effects.map((effect) => ({
    id: effect.id,
    type: effect.type,
    params: effect.params,
    runs: effect.runs,
    createdAt: effect.created_at,
    answeredAt: effect.answered_at,
    answer: effect.answer,
    job: jobs.get(effect.job_id)?.state ?? null,
    exchanges: exchanges.filter((exchange) => exchange.effect_id === effect.id).map(showExchange),
  }));
}
