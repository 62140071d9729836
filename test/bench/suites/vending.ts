import { startBareRoutes } from '../bare-routes.ts';
import { compareRuns, type Figure } from '../figure.ts';
import { API_KEY } from '../bench-environment.ts';
import type { Surroundings } from '../surroundings.ts';

/** Valid access tokens over HTTP, beside a bare indexed read over the same stack. */
export async function vending(world: Surroundings): Promise<Figure[]> {
  const { url, load, tenants } = world;
  const bare = await startBareRoutes(world);
  const of = (path: (tenantId: string) => string) => ({
    targets: tenants.map(({ tenantId }) => ({ url: path(tenantId) })),
    connections: 50,
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  const figures = await compareRuns('access tokens, 50 connections', {
    'a bare indexed read': () => load.run(of((tenantId) => `${bare.url}/read/${tenantId}`)),
    'valid access tokens': () => load.run(of((tenantId) => `${url}/v1/tenants/${tenantId}/access-token`)),
  });
  await bare.close();
  return figures;
}
