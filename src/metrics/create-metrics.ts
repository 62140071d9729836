import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  deliveries: Counter<'verdict'>;
  transitions: Counter<'from' | 'to'>;
  /** Seconds from an invitee's booking until its meeting is committed and the API shows it. */
  bookingToVisible: Histogram;
  /** Seconds that we took to answer a delivery. Calendly waits for 15 s. */
  deliverySeconds: Histogram;
}

const OUTCOMES = ['refreshed', 'invalid_grant', 'client_rejected', 'in_doubt', 'given_up', 'open'];

/** Label values that are shown from the start, with 0. In an alert, a series that is not there yet has not grown. */
export interface KnownLabels {
  states: readonly string[];
  verdicts: readonly string[];
}

/** Where the gauges are read, each time the metrics are requested. */
export interface GaugeSource {
  tenantsByState(): Promise<Record<string, number>>;
  refreshes(): Promise<Record<string, number>>;
  grantsInDoubt(): Promise<number>;
  debts(): Promise<Record<string, number>>;
  hostEvents(): Promise<Record<string, number>>;
  deliveriesToApply(): Promise<number>;
}

/**
 * No label holds a tenant id or a URI, because there would be too many series; the inspector shows single tenants. Counters and the
 * histogram count this instance only. Gauges are read from the database, so they are the same on every instance.
 */
export function createMetrics(source: GaugeSource, { states, verdicts }: KnownLabels): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  /** One series for each key. A key that is gone is not shown any more. */
  const gauges = (name: string, help: string, label: string, read: () => Promise<Record<string, number>>) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        const counts = await read();
        this.reset();
        for (const [key, count] of Object.entries(counts)) this.set({ [label]: key }, count);
      },
    });

  gauges('calendly_tenants', 'Tenants by state', 'state', source.tenantsByState);
  const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  gauges(
    'calendly_refreshes_last_hour',
    'Refresh tokens presented, by outcome; open: no answer yet',
    'outcome',
    async () => ({ ...none, ...(await source.refreshes()) }),
  );
  gauge(
    'calendly_grants_in_doubt',
    'Grants whose refresh token was presented, and nobody knows what became of it',
    source.grantsInDoubt,
  );
  gauges('calendly_debts', 'Open debts by age', 'age', source.debts);
  gauges(
    'calendly_host_events',
    'Events to the host: waiting to be sent, parked, held as half of a reschedule',
    'status',
    source.hostEvents,
  );
  gauge('calendly_deliveries_to_apply', 'Deliveries that are stored and not applied yet', source.deliveriesToApply);
  const deliveries = new Counter({
    name: 'calendly_deliveries_total',
    help: 'Deliveries by verdict',
    labelNames: ['verdict'],
    registers,
  });
  for (const verdict of verdicts) deliveries.inc({ verdict }, 0);
  const transitions = new Counter({
    name: 'calendly_transitions_total',
    help: 'Transitions between states',
    labelNames: ['from', 'to'],
    registers,
  });
  const errors = states.filter((state) => state.startsWith('error.'));
  for (const from of states) for (const to of errors) transitions.inc({ from, to }, 0);
  return {
    registry,
    deliveries,
    transitions,
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
