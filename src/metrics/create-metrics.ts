import { sql, type Kysely } from 'kysely';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { countByState } from '../connection/reads/list-tenants.ts';
import { DOUBT_MS } from '../grants/refresh-intents.ts';
import type { Database } from '../db/database.ts';
import { countHostEvents } from '../host-events/list-host-events.ts';

export interface Metrics {
  registry: Registry;
  deliveries: Counter<'verdict'>;
  transitions: Counter<'from' | 'to'>;
  /** Seconds from an invitee's booking to its meeting being committed, and with that to be seen through the API. */
  bookingToVisible: Histogram;
  /** Seconds that we took to answer a delivery; Calendly reads for 15 s. */
  deliverySeconds: Histogram;
}

const HOUR_MS = 3_600_000;
const OUTCOMES = ['refreshed', 'invalid_grant', 'in_doubt', 'given_up', 'open'];

/**
 * No tenant id and no URI in a label: metrics count, the inspector names. Counters and the histogram are of this instance;
 * gauges are read from the database and say the same on every instance.
 */
export function createMetrics(db: Kysely<Database>, now: () => Date = () => new Date()): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const ago = (ms: number) => new Date(now().getTime() - ms);

  new Gauge({
    name: 'calendly_tenants',
    help: 'Tenants by state',
    labelNames: ['state'],
    registers,
    async collect() {
      for (const [state, count] of Object.entries(await countByState(db))) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'calendly_refreshes_last_hour',
    help: 'Refresh tokens presented, by outcome; open: no answer yet',
    labelNames: ['outcome'],
    registers,
    async collect() {
      const rows = await db
        .selectFrom('refresh_intent')
        .select(['outcome', ({ fn }) => fn.countAll<number>().as('count')])
        .where(({ eb, or }) => or([eb('answered_at', '>', ago(HOUR_MS)), eb('answered_at', 'is', null)]))
        .groupBy('outcome')
        .execute();
      this.reset();
      for (const outcome of OUTCOMES) this.set({ outcome }, 0);
      for (const { outcome, count } of rows) this.set({ outcome: outcome ?? 'open' }, Number(count));
    },
  });
  new Gauge({
    name: 'calendly_grants_in_doubt',
    help: 'Grants whose refresh token was presented, and nobody knows what became of it',
    registers,
    async collect() {
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
            // Settled within the hour or never: a doubt leads to another presentation at once.
            and([eb('outcome', '=', 'in_doubt'), eb('answered_at', '>', ago(HOUR_MS))]),
          ]),
        )
        .executeTakeFirstOrThrow();
      this.set(Number(count));
    },
  });
  new Gauge({
    name: 'calendly_debts',
    help: 'Open debts by age',
    labelNames: ['age'],
    registers,
    async collect() {
      const {
        rows: [row],
      } = await sql<{ hour: string; day: string; older: string }>`
        select count(*) filter (where created_at > ${ago(HOUR_MS)}) as hour,
          count(*) filter (where created_at <= ${ago(HOUR_MS)} and created_at > ${ago(24 * HOUR_MS)}) as day,
          count(*) filter (where created_at <= ${ago(24 * HOUR_MS)}) as older
        from debt where settled_at is null`.execute(db);
      this.set({ age: 'under_1h' }, Number(row?.hour));
      this.set({ age: 'under_1d' }, Number(row?.day));
      this.set({ age: 'over_1d' }, Number(row?.older));
    },
  });

  new Gauge({
    name: 'calendly_host_events',
    help: 'Events to the host: waiting to be sent, parked, held as half of a reschedule',
    labelNames: ['status'],
    registers,
    async collect() {
      for (const [status, count] of Object.entries(await countHostEvents(db))) this.set({ status }, count);
    },
  });
  new Gauge({
    name: 'calendly_deliveries_to_apply',
    help: 'Deliveries that are stored and not applied yet',
    registers,
    async collect() {
      const { count } = await db
        .selectFrom('delivery')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('verdict', '=', 'received')
        .executeTakeFirstOrThrow();
      this.set(Number(count));
    },
  });
  return {
    registry,
    deliveries: new Counter({
      name: 'calendly_deliveries_total',
      help: 'Deliveries by verdict',
      labelNames: ['verdict'],
      registers,
    }),
    transitions: new Counter({
      name: 'calendly_transitions_total',
      help: 'Transitions between states',
      labelNames: ['from', 'to'],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'calendly_delivery_seconds',
      help: 'Time to answer a delivery',
      registers,
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15],
    }),
    bookingToVisible: new Histogram({
      name: 'calendly_booking_to_visible_seconds',
      help: "From an invitee's booking to the meeting being visible",
      registers,
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 86_400],
    }),
  };
}
