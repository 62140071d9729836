import { sql } from 'kysely';
import type { CalendlySide } from './calendly-side.ts';
import type { Comparison } from './compare.ts';
import type { Load } from './load.ts';
import { howChangesCame } from './misses.ts';
import type { Probe } from './probe.ts';
import { duration, quantiles } from './quantiles.ts';
import type { SoakWorld } from './world.ts';

export interface Timing {
  /** Milliseconds. */
  connecting: number;
  load: number;
  settling: number;
}

const MOST_DIFFERENCES = 40;

/** What happened and what came of it, for a person; the last line is the verdict. */
export async function report(
  world: SoakWorld,
  side: CalendlySide,
  load: Load,
  probe: Probe,
  comparison: Comparison,
  timing: Timing,
): Promise<string[]> {
  const {
    happened,
    service,
    settings,
    database: { db },
  } = world;
  const { differences } = comparison;
  const list = (title: string, entries: [string, string | number][]) =>
    entries.length === 0
      ? []
      : ['', title, ...entries.map(([name, value]) => `  ${String(value).padStart(7)}  ${name}`)];
  const verdicts = await db
    .selectFrom('delivery')
    .select(['verdict', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('verdict')
    .orderBy('count', 'desc')
    .execute();
  const { rows: backfills } = await sql<{
    reason: string;
    runs: string;
    finished: string;
    events: string;
    recovered: string;
  }>`
    select reason, count(*) runs, count(finished_at) finished, sum(events) events, sum(recovered) recovered from backfill group by reason order by 1`.execute(
    db,
  );
  const {
    rows: [intents],
  } = await sql<{ refreshed: string; doubt: string; lost: string }>`
    select count(*) filter (where outcome = 'refreshed') refreshed, count(*) filter (where outcome = 'in_doubt') doubt,
      count(*) filter (where outcome = 'invalid_grant') lost from refresh_intent`.execute(db);
  const meetings = [...comparison.truth.values()].flat().length;
  const seconds = timing.load / 1000;
  return [
    '',
    `Soak of ${settings.tenants} tenants, seed ${settings.seed}: connected in ${duration(timing.connecting)}, load for ${duration(timing.load)}, settled in ${duration(timing.settling)}`,
    `  ${load.changes.length} changes (${(load.changes.length / seconds).toFixed(1)}/s), ${side.deliveries.size} deliveries, ${side.calls} calls to Calendly (${(side.calls / (seconds + (timing.connecting + timing.settling) / 1000)).toFixed(1)}/s), ${meetings} meetings compared`,
    `  ${service.kills.length} kills, ${happened.sum('fault:')} calls struck by faults, ${intents?.refreshed} refreshes, ${intents?.doubt} of them in doubt, ${intents?.lost} grants lost`,
    ...list('Changes at Calendly', happened.entries('change:')),
    ...list('Trouble', happened.entries('trouble:')),
    ...list('Neighbours', happened.entries('neighbour:')),
    ...list('Calls struck, by fault', happened.entries('fault:')),
    ...list('How changes came through', howChangesCame(load.changes, side).entries()),
    ...list(
      'Deliveries, as the service judged them',
      verdicts.map(({ verdict, count }) => [verdict, Number(count)]),
    ),
    ...list(
      'Back-fills',
      backfills.map(({ reason, runs, finished, events, recovered }) => [
        `${reason}: ${finished} of them finished, ${events} events read, ${recovered} misses recovered`,
        runs,
      ]),
    ),
    ...list('What people were needed for', happened.entries('person:')),
    '',
    'Booking → visible through the API (a sample)',
    ...[...probe.seen].map(([phase, times]) => `  ${phase}: ${quantiles(times)}`),
    'Booking → received, all meetings that a webhook brought',
    `  ${quantiles(latencies(comparison, 'webhook'))}`,
    'Booking → received, all meetings that a back-fill recovered',
    `  ${quantiles(latencies(comparison, 'backfill'))}`,
    "Reconnects while everybody's back-fill was under way",
    `  ${quantiles(world.reconnects)}`,
    ...list('What the service logged as a warning or worse', service.problems.entries().slice(0, 15)),
    '',
    `Before the daily back-fill ${happened.get('difference before the daily back-fill')} differences were left; after it ${differences.length}.`,
    ...differences.slice(0, MOST_DIFFERENCES).map((difference) => `  ${difference}`),
    ...(differences.length > MOST_DIFFERENCES ? [`  … and ${differences.length - MOST_DIFFERENCES} more`] : []),
  ];
}

/** Of tenants that were linked with one account all along: what others missed while away is no delay. */
function latencies({ shown, truth }: Comparison, source: string): number[] {
  return [...shown]
    .filter(([tenant]) => !tenant.hasWandered)
    .flatMap(([tenant, meetings]) => {
      const bookedAt = new Map(
        truth.get(tenant)!.map(({ inviteeUri, createdAt }) => [inviteeUri, Date.parse(createdAt)]),
      );
      return meetings
        .filter((meeting) => meeting.source === source && (bookedAt.get(meeting.inviteeUri) ?? 0) > tenant.connectedAt)
        .map(({ inviteeUri, receivedAt }) => Math.max(0, Date.parse(receivedAt) - bookedAt.get(inviteeUri)!));
    });
}
