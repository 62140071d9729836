import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBrowser, type OpenBrowser } from '../support/service/open-browser.ts';
import { startDemo, type RunningDemo } from '../support/service/start-demo.ts';
import { waitFor } from '../support/service/wait-for.ts';

const PATIENCE = 30_000;
let demo: RunningDemo;
let browser: OpenBrowser;
let page: Page;

beforeAll(async () => {
  demo = await startDemo();
  browser = await openBrowser({ width: 1200 });
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  browser.complaints.splice(0);
  page = await browser.newPage();
});
afterEach(() => page.close());

const button = (name: string | RegExp, on: Page = page) => on.getByRole('button', { name, exact: true });
const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();
const figures = () => page.locator('.figures dd').allTextContents();

/** Allows access on the sandbox's consent page, as `account`. */
async function allowAs(account: string): Promise<void> {
  await page.getByRole('radio', { name: new RegExp(account) }).check();
  await button('Allow access').click();
}

describe('the tour', () => {
  test(
    'a newcomer connects, books, reconnects, switches, disconnects and watches a fault heal by clicking',
    async () => {
      await page.goto(demo.url);
      await page.getByRole('link', { name: 'Start with acme-studio' }).click();
      await button('Connect').click();
      await allowAs('Alice');
      await shows('one visit to the consent page');
      await shows('Bookings arrive by webhook');
      await waitFor(async () => (await figures())[0] === '1', { describe: 'one webhook' });
      expect(await page.locator('.story .path').allTextContents()).toEqual([
        'disconnected.idle',
        'authorizing.awaitingConsent',
        'authorizing.exchangingCode',
        'authorizing.identifyingAccount',
        'syncingWebhooks.listing',
        'syncingWebhooks.creating',
        'connected.webhooks',
      ]);

      await button('Book a meeting').click();
      await page
        .locator('.meetings li', { hasText: 'Gina Guest' })
        .getByText(/\d\.\d\d s after booking/)
        .waitFor();

      await button('Reconnect').click();
      await shows('Nobody had to leave this page');
      expect((await figures()).slice(0, 2)).toEqual(['1', '0']);

      await button('Switch account').click();
      await allowAs('Bob');
      await shows('bob@bridgewell.example');
      await shows('No meetings yet');
      await waitFor(async () => (await figures())[0] === '1', { describe: 'only the webhook of the second account' });
      expect(demo.sandbox.controls.subscriptions({ account: 'alice' })).toEqual([]);

      await button('Disconnect').click();
      await shows('the tokens are revoked and deleted.');
      expect(await figures()).toEqual(['0', '0', expect.stringMatching(/[234]/)]);

      await button('Connect').click();
      await allowAs('Bob');
      await shows('Press Let Calendly fail');
      await button('Let Calendly fail').click();
      await shows('Calendly does not answer as it should');
      await shows('You have seen all steps');
      await shows('Bookings arrive by webhook');
      expect(browser.complaints).toEqual([]);
    },
    PATIENCE,
  );

  test(
    'what is booked on the booking page, and canceled there, shows by itself',
    async () => {
      await page.goto(`${demo.url}/?tenant=birch-dental`);
      await button('Connect').click();
      await allowAs('Bob');
      await shows('Bookings arrive by webhook');
      const [booking] = await Promise.all([
        browser.context.waitForEvent('page'),
        page.getByRole('link', { name: /booking page/ }).click(),
      ]);
      await booking.getByLabel('Name').fill('Nils <b>Nord</b>');
      await booking.getByLabel('E-mail').fill('nils@nord.example');
      await button('Schedule the meeting', booking).click();
      const line = page.locator('.meetings li', { hasText: 'Nils <b>Nord</b>' });
      await line.waitFor();
      expect(await page.getByRole('status').allTextContents()).toContain('New meeting: Nils <b>Nord</b>');

      const [canceling] = await Promise.all([
        browser.context.waitForEvent('page'),
        line.getByRole('link', { name: /Cancel/ }).click(),
      ]);
      await canceling.getByRole('button').click();
      await page.locator('.meetings li.canceled', { hasText: 'Nils' }).getByText('canceled', { exact: true }).waitFor();
      expect(browser.complaints).toEqual([]);
    },
    PATIENCE,
  );
});

describe('the page', () => {
  test(
    'another account than the linked one is a question, and either answer holds',
    async () => {
      await page.goto(`${demo.url}/?tenant=cove-yoga`);
      await button('Connect').click();
      await allowAs('Bob');
      for (const [answer, notice, linked] of [
        ['Keep the old one', 'The former account stays', 'bob@'],
        ['Use the new account', 'The other account is connected', 'alice@'],
      ] as const) {
        await shows('Bookings arrive by webhook');
        await button('Revoke at Calendly').click();
        await shows('has ended all tokens');
        await button('Reconnect').click();
        await allowAs('Alice');
        await page.getByRole('group', { name: 'Another account' }).getByText('alice@ardent.example').waitFor();
        await button(answer).click();
        await shows(notice);
        await page.locator('.account', { hasText: linked }).waitFor();
        if (answer === 'Use the new account') break;
        await button('Reconnect').click();
        await allowAs('Bob');
      }
      await shows('A webhook is left at Calendly');
      expect(browser.complaints).toEqual([]);
    },
    PATIENCE,
  );

  test(
    'everything can be done with the keyboard, and the focus stays where it was when the page changes',
    async () => {
      await page.goto(`${demo.url}/?tenant=keys-only`);
      await button('Connect').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('radio', { name: /Alice/ }).focus();
      await button('Allow access').press('Enter');
      await shows('Bookings arrive by webhook');
      await button('Book a meeting').focus();
      await page.keyboard.press('Enter');
      await page.locator('.meetings li').first().waitFor();
      await button('Reconnect').focus();
      demo.sandbox.controls.book({ account: 'alice', name: 'Later Larry', email: 'larry@guest.example' });
      await page.locator('.meetings li', { hasText: 'Later Larry' }).waitFor();
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Reconnect');
    },
    PATIENCE,
  );

  test(
    'names from outside are text, never markup',
    async () => {
      await page.goto(`${demo.url}/?tenant=xss`);
      await button('Connect').click();
      await allowAs('Alice');
      await shows('Bookings arrive by webhook');
      const attack = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
      demo.sandbox.controls.book({ account: 'alice', name: attack, email: 'eve@guest.example' });
      await page.locator('.meetings li', { hasText: attack }).waitFor();
      expect(await page.title()).toBe('xss · Calendly Reconnect: demo');
      await page.goto(`${demo.url}/?tenant=xss&calendly=failed&reason=${encodeURIComponent(attack)}`);
      await page.getByRole('status').getByText(attack).waitFor();
      expect(await page.title()).toBe('xss · Calendly Reconnect: demo');
      expect(browser.complaints).toEqual([]);
    },
    PATIENCE,
  );

  test(
    'a service that stops answering is said, and said no more when it is back',
    async () => {
      await page.goto(`${demo.url}/?tenant=acme-studio`);
      await browser.context.setOffline(true);
      await page.getByText('The service does not answer').waitFor();
      await browser.context.setOffline(false);
      await page.getByText('The service does not answer').waitFor({ state: 'hidden' });
    },
    PATIENCE,
  );
});

describe('the looks of the page', () => {
  test.each([
    [320, 'light'],
    [390, 'dark'],
    [1280, 'dark'],
  ] as const)('nothing runs over the edge at %i pixels, %s', async (width, colorScheme) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    for (const path of ['/', '/?tenant=cove-yoga', `/?tenant=${'long-'.repeat(25)}`]) {
      await page.goto(`${demo.url}${path}`);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
    }
  });
});
