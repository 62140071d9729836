import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { openBrowser, type OpenBrowser } from '../support/service/open-browser.ts';

let sandbox: Sandbox;
let browser: OpenBrowser;
beforeAll(async () => {
  sandbox = await startSandbox({ clientId: 'id', clientSecret: 'secret' });
  browser = await openBrowser({ width: 900 });
});
afterAll(async () => {
  await browser.close();
  await sandbox.close();
});

test('a person clicks a plan, a fault, the time and a switch', async () => {
  const page = await browser.newPage();
  await page.goto(sandbox.url);
  await page.getByLabel('Plan of Alice Ardent').selectOption('free');
  await page.getByRole('button', { name: 'Save plan and role of Alice Ardent' }).click();
  await page.getByRole('status').getByText('The account was changed.').waitFor();
  await page.getByLabel('What happens').selectOption('dropAfterWork');
  await page.getByRole('button', { name: 'Add this fault' }).click();
  await page.getByText('POST /oauth/token').waitFor();
  const before = sandbox.controls.clock.now().getTime();
  await page.getByRole('button', { name: 'Forward 1 day' }).click();
  await page.getByText('The clock went forward.').waitFor();
  await page.getByLabel('webhooksOnFreePlan').selectOption('off');
  await page.getByRole('button', { name: 'Save switches' }).click();
  await page.getByText('The switches were saved.').waitFor();
  expect(sandbox.controls.accounts.get('alice').plan).toBe('free');
  expect(sandbox.controls.faults.list()).toMatchObject([{ kind: 'dropAfterWork', path: '/oauth/token', times: 1 }]);
  expect(sandbox.controls.clock.now().getTime() - before).toBeGreaterThanOrEqual(86_400_000);
  expect(sandbox.controls.switches.get().webhooksOnFreePlan).toBe(false);
  expect(browser.complaints).toEqual([]);
});
