import type { Kysely } from 'kysely';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { countByState } from './connection/list-tenants.ts';
import type { Database } from './db/database.ts';

export interface Metrics {
  registry: Registry;
  deliveries: Counter<'verdict'>;
  transitions: Counter<'from' | 'to'>;
}

/** No tenant id and no URI in a label: metrics count, the inspector names. */
export function createMetrics(db: Kysely<Database>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'calendly_tenants', help: 'Tenants by state', labelNames: ['state'], registers,
    async collect() {
      for (const [state, count] of Object.entries(await countByState(db))) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'calendly_refreshes_total', help: 'Refresh intents by outcome; in_doubt: no answer came', labelNames: ['outcome'], registers,
    async collect() {
      const rows = await db.selectFrom('refresh_intent').select(['outcome', ({ fn }) => fn.countAll<number>().as('count')]).groupBy('outcome').execute();
      this.reset();
      for (const { outcome, count } of rows) this.set({ outcome: outcome ?? 'open' }, Number(count));
    },
  });
  new Gauge({
    name: 'calendly_debts', help: 'Open debts by age', labelNames: ['age'], registers,
    async collect() {
      const rows = await db.selectFrom('debt').select('created_at').where('settled_at', 'is', null).execute();
      const hours = rows.map((row) => (Date.now() - row.created_at.getTime()) / 3_600_000);
      this.set({ age: 'under_1h' }, hours.filter((age) => age < 1).length);
      this.set({ age: 'under_1d' }, hours.filter((age) => age >= 1 && age < 24).length);
      this.set({ age: 'over_1d' }, hours.filter((age) => age >= 24).length);
    },
  });
  return {
    registry,
    deliveries: new Counter({ name: 'calendly_deliveries_total', help: 'Deliveries by verdict', labelNames: ['verdict'], registers }),
    transitions: new Counter({ name: 'calendly_transitions_total', help: 'Transitions between states', labelNames: ['from', 'to'], registers }),
  };
}
