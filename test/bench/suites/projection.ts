import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { storeDeliveries } from '../../../src/deliveries/store-deliveries.ts';
import { verifyDelivery } from '../../../src/calendly/signature.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { API_KEY } from '../bench-environment.ts';
import { bookingOf } from '../booking.ts';
import { compareRuns, figureOfRun, runOf, type Figure, type Run } from '../figure.ts';
import { measure } from '../measure.ts';
import type { Surroundings } from '../surroundings.ts';

const STORED = 2_000;

/** Stored deliveries applied in batches, until none is left, beside plain INSERTs. The service's own projector helps. */
export async function projection(world: Surroundings): Promise<Figure[]> {
  const { service, tenants } = world;
  const { db } = service.deps;
  await sql`create table if not exists bench_received (id bigint generated always as identity primary key, body bytea not null)`.execute(
    db,
  );
  const body = Buffer.from(JSON.stringify(bookingOf(randomUUID())));
  const apply = async (): Promise<Run> => {
    const { url, key } = tenants[0]!.webhook;
    const now = new Date();
    for (let stored = 0; stored < STORED; stored += 200) {
      const receipts = Array.from({ length: 200 }, () => {
        const rawBody = Buffer.from(JSON.stringify(bookingOf(randomUUID())));
        const delivery = verifyDelivery(
          rawBody,
          signDelivery(rawBody, key, now),
          [{ id: randomUUID(), of: 'subscription', value: key }],
          now,
        );
        if ('refused' in delivery) throw new Error(delivery.refused);
        return { subscriptionId: url.split('/').at(-1)!, delivery, receivedAt: now, traceparent: null };
      });
      await storeDeliveries(db, receipts);
    }
    const start = performance.now();
    const times: number[] = [];
    for (let isFull = true; isFull;) {
      const begun = performance.now();
      ({ isFull } = await projectDeliveries(db));
      times.push(performance.now() - begun);
    }
    const { p50Ms, p99Ms } = runOf(times, 1);
    return { perSecond: STORED / ((performance.now() - start) / 1000), p50Ms, p99Ms };
  };
  const figures = await compareRuns('application of deliveries', {
    'a plain INSERT, 50 at once': () =>
      measure(50, async () => void (await sql`insert into bench_received (body) values (${body})`.execute(db))),
    'stored deliveries applied, 200 in a batch (times are those of a batch)': apply,
  });
  return [...figures, await untilVisible(world, figures.at(-1)!.perSecond.median / 2)];
}

/** From the booking to the visible meeting, with half as many deliveries as can be applied. */
async function untilVisible({ load, tenants, url }: Surroundings, perSecond: number): Promise<Figure> {
  const before = await visibleWithin(url);
  const run = await load.run({
    targets: tenants.map(({ webhook }) => webhook),
    connections: 50,
    perSecond,
    measuredMs: 10_000,
  });
  const seen = new Map(
    [...(await visibleWithin(url))].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]),
  );
  const all = seen.get(Infinity)!;
  const boundOf = (share: number) => [...seen].find(([, count]) => count >= all * share)![0] * 1000;
  return {
    ...figureOfRun(
      'application of deliveries',
      'from the booking to the visible meeting, at half of that (times: at most)',
      run,
    ),
    p50Ms: boundOf(0.5),
    p99Ms: boundOf(0.99),
  };
}

/** The service's own histogram: how many meetings were visible within so many seconds. */
async function visibleWithin(url: string): Promise<Map<number, number>> {
  const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } })).text();
  return new Map(
    [...text.matchAll(/^calendly_booking_to_visible_seconds_bucket\{le="(.*?)"\} (\d+)/gm)].map(([, bound, count]) => [
      bound === '+Inf' ? Infinity : Number(bound),
      Number(count),
    ]),
  );
}
