import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startDemo, type RunningDemo } from '../../support/service/start-demo.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let demo: RunningDemo;
beforeAll(async () => {
  demo = await startDemo();
  demo.sandbox.controls.switches.set({ webhooksOnFreePlan: false });
  demo.sandbox.controls.accounts.add({ slug: 'frugal', name: 'Frugal', email: 'frugal@mail.example', plan: 'free' });
});
afterAll(() => demo.stop());

const press = (action: string, fields: Record<string, string>) =>
  fetch(`${demo.url}/demo/${action}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: demo.url },
    body: new URLSearchParams(fields),
  });
const shown = async (query: string) => (await fetch(`${demo.url}/?${query}`)).text();
const figures = (page: string) => [...page.matchAll(/<dd>([^<]*)<\/dd>/g)].map(([, figure]) => figure);

async function connect(tenant: string, account: string): Promise<string> {
  const asked = await press('connect', { tenant });
  const back = await giveConsent(asked.headers.get('location')!, account);
  const cookie = asked.headers.getSetCookie()[0]!.split(';')[0]!;
  const completed = await fetch(back.headers.get('location')!, { redirect: 'manual', headers: { cookie } });
  return (await fetch(new URL(completed.headers.get('location')!, demo.url))).text();
}

test('a plan that refuses webhooks is told as it is, and fetching does not have to be waited for', async () => {
  const page = await connect('thrifty', 'frugal');
  expect(page).toContain('This plan refuses webhooks');
  expect(page).not.toContain('one webhook.');
  expect(figures(page)[0]).toBe('0');
  await press('book', { tenant: 'thrifty', name: 'Gina Guest' });
  expect(await shown('tenant=thrifty&did=booked')).toContain('when you press Fetch now');
  await press('fetch', { tenant: 'thrifty' });
  await waitFor(async () => (await shown('tenant=thrifty')).includes('data-name="Gina Guest"'), {
    describe: 'the meeting to be fetched',
  });
});

test('tokens that Calendly has ended are not called good', async () => {
  await connect('ended', 'alice');
  expect(await shown('tenant=ended')).toContain('Uses the stored tokens');
  await press('revoke', { tenant: 'ended' });
  const page = await shown('tenant=ended');
  expect(page).toContain('Calendly refuses the tokens, and the consent page opens');
  expect(page).not.toContain('Uses the stored tokens');
});

test('a consent page that is opened again is the same story, with two visits', async () => {
  await press('connect', { tenant: 'twice' });
  await press('connect', { tenant: 'twice' });
  const page = await shown('tenant=twice');
  expect(page).toContain('What happened: connect<');
  expect(figures(page)[1]).toBe('2');
});

test('what a person asks Calendly in the inspector is no call of the service', async () => {
  await connect('compared', 'bob');
  const before = figures(await shown('tenant=compared'))[2];
  await demo.database.db
    .insertInto('exchange')
    .values({
      id: randomUUID(),
      tenant_id: 'compared',
      effect: 'inspect',
      method: 'GET',
      path: '/users/me',
      started_at: new Date(),
      duration_ms: 1,
    })
    .execute();
  expect(figures(await shown('tenant=compared'))[2]).toBe(before);
});

test('a switch that was not wanted after all is no switch', async () => {
  const asked = await press('connect', { tenant: 'compared', switch: 'true' });
  await giveConsent(asked.headers.get('location')!, 'bob', { decision: 'deny' });
  await waitFor(async () => (await shown('tenant=compared')).includes('Bookings arrive by webhook'), {
    describe: 'the way back to connected',
  });
  expect(await shown('tenant=compared')).not.toContain('Switch account<span class="sr-only"> (done)');
});

test('a fault can be made, and the connection is seen to be tried again', async () => {
  expect((await press('fail', { tenant: 'compared' })).status).toBe(303);
  await waitFor(async () => (await shown('tenant=compared')).includes('The service tries again'), {
    describe: 'the connection to be in an error',
  });
});
