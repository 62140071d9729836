import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectWithMeeting, stickTenant } from '../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../support/service/inspected-service.ts';
import { logIn, openBrowser, type OpenBrowser } from '../support/service/open-browser.ts';
import { PASSWORD } from '../support/service/open-inspector.ts';
import { startLine } from '../support/postgres/start-line.ts';
import { waitFor } from '../support/service/wait-for.ts';

let running: InspectedService;
let browser: OpenBrowser;
let page: Page;
beforeAll(async () => {
  running = await startInspected();
  browser = await openBrowser();
  const first = await browser.newPage();
  await logIn(first, running.url, { password: PASSWORD });
  await first.close();
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});
beforeEach(async () => {
  browser.complaints.splice(0);
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  expect(browser.complaints).toEqual([]);
});

const goto = (path: string, on: Page = page) => on.goto(`${running.url}/inspector${path}`);
const live = (on: Page = page) => on.locator('#live[data-state=on]').waitFor();
const badge = (on: Page = page) => on.locator('#tenant-head .title .badge');
const lit = () => page.locator('#chart .state.lit').getAttribute('data-path');

describe("a tenant's page", () => {
  test('a stuck tenant is found, understood and mended, without leaving the page', async () => {
    await connectWithMeeting(running.stage, 'healthy');
    await stickTenant(running.stage, 'stuck');

    // The list has what is longest in a bad state at the top.
    await goto('');
    await page.getByRole('link', { name: /^error 1$/ }).click();
    await page.getByRole('link', { name: 'stuck', exact: true }).click();
    await live();
    await expect.poll(() => badge().textContent()).toContain('error.retrying');
    expect(await lit()).toBe('error.retrying');

    // Back through time: the chart follows.
    const past = page.locator('#timeline a', { hasText: 'call.failed' }).first();
    await past.click();
    const states: (string | null)[] = [await lit()];
    const waysTaken: number[] = [];
    for (let step = 0; step < 2; step++) {
      await page.keyboard.press('ArrowLeft');
      states.push(await lit());
      waysTaken.push(await page.locator('#chart .arrow.taken').count());
    }
    expect(states[0]).toBe('error.retrying');
    expect(states[1]).toBe('syncingWebhooks.listing');
    expect(await page.locator('#past').isVisible()).toBe(true);
    // Everything shown is of then, and the chart has the way that led there.
    expect(await page.locator('.only-now:visible').count()).toBe(0);
    expect(waysTaken[0]).toBeGreaterThan(0);

    // The failing exchange lies open, with Calendly's full answer and what to quote.
    await past.click();
    const exchange = page.locator('#detail details.exchange[open]');
    await exchange.waitFor();
    const shown = await exchange.textContent();
    expect(shown).toContain('GET');
    expect(shown).toContain('/webhook_subscriptions');
    expect(shown).toContain('We are down for maintenance.');
    expect(shown).toContain('req-7f3a-stuck');
    expect(shown).toContain('$CALENDLY_TOKEN');

    // Calendly is back; the operator retries and sees it connected without reloading.
    running.sandbox.controls.faults.clear();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Diagnosis' }).getByRole('link', { name: 'Retry…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => badge().textContent(), { timeout: 15_000 }).toContain('connected.webhooks');
    await expect.poll(lit).toBe('connected.webhooks');
    await expect.poll(() => page.locator('#timeline li').first().textContent()).toContain('backfill.completed');

    const history = await running.api('GET', '/v1/tenants/stuck/history');
    expect(
      history.body.items.find((item: { event: { type: string } | null }) => item.event?.type === 'retry').cause,
    ).toEqual({ kind: 'operator', name: 'Nora Night', route: 'retry' });
  });
});

describe('live updates', () => {
  test('the list follows what happens, and leaves scroll, focus and typing where they are', async () => {
    await page.setViewportSize({ width: 900, height: 260 });
    await goto('');
    await live();
    await page.locator('#q').fill('hea');
    await page.evaluate('window.scrollTo(0, 40)');
    const place = () => page.evaluate('({ y: window.scrollY, focus: document.activeElement.id })');
    const before = await place();
    await connectWithMeeting(running.stage, 'newcomer');
    await page.locator('#t-newcomer').waitFor();
    await expect.poll(() => page.locator('#t-newcomer .badge').textContent()).toContain('connected.webhooks');
    expect(await place()).toEqual(before);
    expect(before).toEqual({ y: 40, focus: 'q' });
    expect(await page.locator('#q').inputValue()).toBe('hea');
  });

  test('a delivery appears while one looks at the list of deliveries', async () => {
    const account = await connectWithMeeting(running.stage, 'receiver');
    await goto('/tenants/receiver/deliveries');
    await live();
    await page.getByText('No delivery yet.').waitFor();
    running.sandbox.controls.book({ account, name: 'Gina Guest', email: 'gina@guest.example' });
    await page.getByRole('cell', { name: /Gina Guest/ }).waitFor();
  });
});

describe('questions, files and times', () => {
  test('what is sent is asked once; leaving it changes nothing', async () => {
    const before = await running.api('GET', '/v1/tenants/healthy/connection');
    await goto('/tenants/healthy');
    await page.getByRole('link', { name: 'Disconnect…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('disconnected.settling');
    await dialog.getByRole('link', { name: 'Leave it' }).click();
    await waitFor(async () => (await page.getByRole('dialog').count()) === 0);
    expect((await running.api('GET', '/v1/tenants/healthy/connection')).body).toEqual(before.body);
  });

  test('a tenant goes into a file and its story out of it, on a page that asks the database nothing', async () => {
    await goto('/tenants/stuck');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    await goto('/replay');
    await page.locator('input[type=file]').setInputFiles(await download.path());
    await page.getByText('From a file.').waitFor();
    const failed = page.locator('#timeline a', { hasText: 'call.failed' }).first();
    await failed.click();
    expect(await lit()).toBe('error.retrying');
    expect(await page.locator('#detail details.exchange[open]').textContent()).toContain(
      'We are down for maintenance.',
    );
    await page.keyboard.press('ArrowLeft');
    expect(await lit()).toBe('syncingWebhooks.listing');
  });

  test("times are the reader's, with the exact instant on hover", async () => {
    await goto('/tenants/healthy');
    const time = page.locator('#tenant-head time[data-show=time]').first();
    expect(await time.textContent()).not.toContain('UTC');
    const instant = await time.getAttribute('datetime');
    expect(await time.getAttribute('title')).toContain(instant);
    expect(await time.getAttribute('title')).toContain('Central European');
  });
});

describe('a stream that ends', () => {
  test('where the stream ends, the page says so, and comes back by itself', async () => {
    const line = await startLine(Number(new URL(running.url).port));
    try {
      // Cookies know no ports: the session is there already.
      await page.goto(`${line.url}/inspector`);
      await live();
      line.cut();
      await page.getByText('connection lost, trying again').waitFor();
      await connectWithMeeting(running.stage, 'meanwhile');
      line.mend();
      await live();
      await page.locator('#t-meanwhile').waitFor();
    } finally {
      await page.goto('about:blank');
      await line.close();
    }
    // The browser names what a cut line broke; that is all it may have to say.
    expect(browser.complaints.splice(0).filter((complaint) => !complaint.includes('net::ERR_'))).toEqual([]);
  });
});
