import { afterAll, beforeAll, expect, test } from 'vitest';
import { startReceiver, type Receiver } from '../support/service/start-receiver.ts';
import { connectWithMeeting } from '../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../support/service/inspected-service.ts';
import { makeTimerDue } from '../support/service/make-timer-due.ts';
import { logIn, openBrowser } from '../support/service/open-browser.ts';
import { PASSWORD } from '../support/service/open-inspector.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { expectAccessible } from './check-page.ts';

let receiver: Receiver;
let running: InspectedService;
/** The event that the host did not take. */
let parked = '';

/** A tenant whose webhook was disabled, one that polls, and an event that was given up. */
beforeAll(async () => {
  receiver = await startReceiver();
  running = await startInspected({ env: receiver.env });
  const { stage, sandbox, database } = running;
  await connectWithMeeting(stage, 'frugal', { plan: 'free' });
  const account = await connectWithMeeting(stage, 'deaf');
  const { body } = await running.api('GET', '/v1/tenants/deaf/connection');
  sandbox.controls.disableSubscription(body.subscription.uri);
  sandbox.controls.book({ account, name: 'Missed <Guest>', email: 'missed@guest.example' });
  await makeTimerDue(database, 'deaf', 'watch');
  parked = await waitFor(() => sentId(), { describe: 'the meeting to be told', timeoutMs: 15_000 });
  const last_error = JSON.stringify({ code: 'refused', status: 500, at: new Date().toISOString() });
  await database.db
    .updateTable('host_event')
    .set({ status: 'parked', parked_at: new Date(), attempts: 44, last_error })
    .where('id', '=', parked)
    .execute();
});
afterAll(async () => {
  await running?.stop();
  await receiver?.close();
});

const sentId = async (): Promise<string | undefined> => {
  const { items } = (await running.api('GET', '/v1/events/outgoing?tenantId=deaf&status=sent')).body;
  return items.find((item: { event: { type: string } }) => item.event.type === 'meeting.created')?.event.id;
};

const PAGES = [
  '',
  '/events',
  '/events?status=parked',
  '/tenants/deaf',
  '/tenants/frugal',
  '/tenants/deaf/events',
  '/tenants/deaf/meetings',
  '/tenants/frugal/events?status=parked',
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`warnings, polling, back-fills and events have no violation that axe finds, ${colorScheme}`, async () => {
    const { newPage, close, complaints } = await openBrowser({ colorScheme });
    try {
      const page = await newPage();
      await logIn(page, running.url, { password: PASSWORD });
      for (const path of [...PAGES, `/tenants/deaf/events/${parked}/resend`]) {
        await page.goto(`${running.url}/inspector${path}`);
        await expectAccessible(page, path);
      }
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  });
}

test('nothing is wider than a narrow window', async () => {
  const { newPage, close } = await openBrowser({ width: 360, height: 740 });
  try {
    const page = await newPage();
    await logIn(page, running.url, { password: PASSWORD });
    for (const path of PAGES) {
      await page.goto(`${running.url}/inspector${path}`);
      const wide = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect({ path, wide }).toEqual({ path, wide: 0 });
    }
  } finally {
    await close();
  }
});

test('from the list to the warning, and from the parked event to the host, asked once', async () => {
  const { newPage, close, complaints } = await openBrowser();
  try {
    const page = await newPage();
    await logIn(page, running.url, { password: PASSWORD });
    await page.locator('#t-deaf').getByRole('link', { name: '1 warning' }).click();
    await page.locator('#warnings').getByText('subscription_disabled').waitFor();
    await page
      .locator('#backfills')
      .getByText(/[1-9]\d* recovered miss/)
      .first()
      .waitFor();
    await page.locator('#told').getByRole('link', { name: '1 parked' }).click();
    await page.locator('#live[data-state=on]').waitFor();
    const before = receiver.taken((event) => event.id === parked).length;
    await page.locator(`#e-${parked}`).getByRole('link', { name: 'Send again…' }).click();
    const question = page.getByRole('dialog', { name: 'Send this event again?' });
    await question.getByRole('link', { name: 'Leave it' }).click();
    await question.waitFor({ state: 'detached' });
    expect(receiver.taken((event) => event.id === parked)).toHaveLength(before);
    await page.locator(`#e-${parked}`).getByRole('link', { name: 'Send again…' }).click();
    await question.getByRole('button', { name: 'Send again' }).click();
    await waitFor(() => receiver.taken((event) => event.id === parked).length === before + 1, {
      describe: 'the event at the host',
    });
    // The page hears of it by itself.
    await page.locator(`#e-${parked} td:nth-child(3)`, { hasText: /^sent / }).waitFor();
    expect(complaints).toEqual([]);
  } finally {
    await close();
  }
});
