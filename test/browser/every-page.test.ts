import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, logIn, type OpenBrowser } from '../support/service/open-browser.ts';
import { startDemo, type RunningDemo } from '../support/service/start-demo.ts';
import { connectWithMeeting, playCast, waitForState } from '../support/world/cast-of-tenants.ts';
import { expectAccessible, expectKeyboard, expectNoOverflow } from './check-page.ts';

/** A phone, a window of 1280 pixels at a zoom of 200 %, and the same window without. */
const PHONE = 390;
const ZOOMED = 640;
const DESK = 1280;
const PATIENCE = 90_000;

let demo: RunningDemo;
let browser: OpenBrowser;
let page: Page;
const consents: Record<'question' | 'open', string> = { question: '', open: '' };

/** One tenant of each kind, a consent that is waited for, and one that another account has answered. */
beforeAll(async () => {
  demo = await startDemo({ logLevel: 'silent' });
  const stage = { url: demo.url, apiKey: demo.apiKey, sandbox: demo.sandbox };
  await connectWithMeeting(stage, 'moved');
  await playCast(stage);
  demo.sandbox.controls.accounts.revokeLogin('moved');
  await api('moved/connection/refresh');
  await waitForState(stage, 'moved', 'error.needsReauthorization');
  consents.question = (await api('moved/connection/connect')).authorizeUrl;
  consents.open = (await api('asked/connection/connect')).authorizeUrl;
  browser = await openBrowser({ width: DESK });
  page = await browser.newPage();
}, PATIENCE);
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

async function api(path: string): Promise<{ authorizeUrl: string }> {
  const response = await fetch(`${demo.url}/v1/tenants/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.apiKey}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return response.json() as Promise<{ authorizeUrl: string }>;
}

/** In both schemes, at each width, by keyboard, and with nothing for axe-core to complain of. */
async function check(where: string): Promise<void> {
  await page.setViewportSize({ width: DESK, height: 900 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expectAccessible(page, `${where}, light`);
  await expectKeyboard(page, where);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expectNoOverflow(page, where, [DESK, ZOOMED, PHONE]);
  await expectAccessible(page, `${where}, dark, on a phone`);
}

async function checkAll(origin: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(`${origin}${path}`);
    await check(path);
  }
}

test(
  'the pages of the product and those that strangers come to',
  () =>
    checkAll(demo.url, [
      '/',
      '/?tenant=acme',
      '/?tenant=umbrella',
      '/?tenant=nobody-yet&calendly=failed&reason=code_refused',
      '/?tenant=a%20b',
      '/docs',
      '/nothing/here',
      '/oauth/callback?code=abc&state=abc',
      '/inspector/login',
    ]),
  PATIENCE,
);

test(
  'the pages of a consent: the question which account, and its end',
  async () => {
    await page.goto(consents.question);
    await page.getByRole('radio', { name: /Alice/ }).check();
    await page.getByRole('button', { name: 'Allow access' }).click();
    await page.getByRole('heading', { name: 'This is a different Calendly account' }).waitFor();
    await check('the question');
    await page.getByRole('button', { name: /^Keep/ }).click();
    await check('the end of a consent');
  },
  PATIENCE,
);

test(
  'the pages of the sandbox',
  async () => {
    const { url, controls } = demo.sandbox;
    const { inviteeUri } = controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
    const invitee = inviteeUri.split('/').at(-1)!;
    await page.goto(consents.open);
    await check('the consent page');
    await checkAll(url, [
      '/',
      '/?done=switches',
      `/cancellations/${invitee}`,
      `/reschedulings/${invitee}`,
      '/d/none/none',
      '/nothing',
      '/book/alice',
    ]);
    await page.getByLabel('Name').fill('Nils Nord');
    await page.getByLabel('E-mail').fill('nils@nord.example');
    await page.getByRole('button', { name: 'Schedule the meeting' }).click();
    await page.getByRole('heading', { name: 'You are booked' }).waitFor();
    await check('You are booked');
    await page.getByRole('link', { name: 'Back to the product' }).click();
    await page.getByRole('link', { name: 'Calendly Reconnect' }).waitFor();
  },
  PATIENCE,
);

test(
  'the pages of the inspector',
  async () => {
    await logIn(page, demo.url, { password: demo.inspectorPassword });
    const stuck = '/tenants/wayne-enterprises';
    await checkAll(`${demo.url}/inspector`, [
      '',
      '?state=error',
      '?q=nothing-like-this',
      '/diagnoses',
      '/audit',
      '/events',
      '/replay',
      '/tenants/nobody',
      stuck,
      '/tenants/hooli',
      '/tenants/stark',
      '/tenants/acme/exchanges',
      '/tenants/acme/deliveries',
      '/tenants/acme/meetings',
      '/tenants/acme/events',
      '/tenants/hooli/deliveries',
      '/tenants/acme/compare',
      `${stuck}/what-if?event=call.failed`,
      '/tenants/acme/what-if?event=disconnect',
    ]);
    await page.goto(`${demo.url}/inspector${stuck}`);
    await page.locator('#timeline a').first().click();
    await page.locator('#detail .moment').waitFor();
    await check('stepped into the past');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Diagnosis' }).getByRole('link', { name: 'Retry…' }).click();
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page, 'a question in a dialog');
    await page.goto(`${demo.url}/inspector/tenants/acme/compare`);
    await page.getByRole('button', { name: 'Ask Calendly' }).click();
    await page.getByRole('table').first().waitFor();
    await check('what is stored against what is real');
    expect(browser.complaints.filter((each) => !/status of 4\d\d/.test(each))).toEqual([]);
  },
  PATIENCE * 2,
);
