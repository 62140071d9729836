import { setTimeout as delay } from 'node:timers/promises';
import fastify from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { expect, test } from 'vitest';
import { refuseUnderPressure } from '../../../src/boot/refuse-under-pressure.ts';
import { handleProblems } from '../../../src/web/problems.ts';
import { waitFor } from '../../support/service/wait-for.ts';

/** The loop does nothing else for so long, as with too much work. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a process that cannot keep up says so, but for its health, until it can', async () => {
  const app = fastify().withTypeProvider<TypeBoxTypeProvider>();
  handleProblems(app);
  refuseUnderPressure(app, { lookMs: 100, lateMs: 50, mostLate: 3 });
  app.get('/work', async () => 'done');
  app.get('/health/live', async () => 'live');
  const statusOf = async (url: string) => (await app.inject(url)).statusCode;
  expect(await statusOf('/work')).toBe(200);
  let [refused, health] = [await app.inject('/work'), 0];
  // Another test may take the processor: then the look is late as well, which is what is wanted here.
  await waitFor(async () => {
    block(200);
    await delay(0);
    [refused, health] = [await app.inject('/work'), await statusOf('/health/live')];
    return refused.statusCode === 503;
  });
  expect([health, refused.headers['retry-after']]).toEqual([200, '2']);
  expect(refused.json()).toMatchObject({ code: 'overloaded' });
  await waitFor(async () => (await statusOf('/work')) === 200);
  await app.close();
});
