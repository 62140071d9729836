import { sql } from 'kysely';
import { waitFor } from '../../support/service/wait-for.ts';
import { startBareRoutes } from '../bare-routes.ts';
import { compareRuns, type Figure } from '../figure.ts';
import type { Surroundings } from '../surroundings.ts';

/** Deliveries over HTTP, all of one subscription and of a hundred, beside a bare verification and a plain INSERT for each request. */
export async function receipts(world: Surroundings): Promise<Figure[]> {
  const { service, load, tenants } = world;
  const { db } = service.deps;
  const bare = await startBareRoutes(world);
  const { key } = tenants[0]!.webhook;
  const webhooks = tenants.map(({ webhook }) => webhook);
  let accepted = 0;
  const figures: Figure[] = [];
  const receive = async (targets: { url: string; key: string }[], connections: number) => {
    const { sent, ...run } = await load.run({ targets, connections });
    accepted += sent;
    // What was left to apply would be in the way of the next measurement.
    await allApplied(world);
    return run;
  };
  for (const connections of [50, 300]) {
    figures.push(
      ...(await compareRuns(`receipts, ${connections} connections`, {
        'a plain INSERT for each request': () =>
          load.run({ targets: [{ url: `${bare.url}/insert`, key }], connections }),
        'verified and answered, nothing stored': () =>
          load.run({ targets: [{ url: `${bare.url}/verify`, key }], connections }),
        'deliveries of one webhook': () => receive(webhooks.slice(0, 1), connections),
        'deliveries of a hundred webhooks': () => receive(webhooks, connections),
      })),
    );
  }
  await bare.close();

  const { rows } = await sql<{ deliveries: string; applied: string; meetings: string; told: string }>`
    select (select count(*) from delivery) as deliveries, (select count(*) from delivery where verdict = 'applied') as applied,
      (select count(*) from meeting) as meetings, (select count(*) from host_event where type = 'meeting.created') as told`.execute(
    db,
  );
  const counts = Object.values(rows[0]!).map(Number);
  if (counts.some((count) => count !== accepted))
    throw new Error(`${accepted} deliveries were accepted, and stored, applied, shown, told: ${counts.join(', ')}`);
  return figures;
}

async function allApplied({ service }: Surroundings): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await sql<{
        left: boolean;
      }>`select exists (select from delivery where verdict = 'received') as left`.execute(service.deps.db);
      return !rows[0]!.left;
    },
    { timeoutMs: 120_000, describe: 'all deliveries to be applied' },
  );
}
