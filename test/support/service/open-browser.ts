import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

/** Debian's Chromium, which `.ci/run` installs. */
const EXECUTABLE = '/usr/bin/chromium';
/** Nothing of its own mind: no look-ups of Google's hosts, which tests have no network for. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--force-color-profile=srgb',
];

export interface OpenBrowser {
  context: BrowserContext;
  /** Whatever the pages complained about: errors, and violations of the Content-Security-Policy. */
  complaints: string[];
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** A headless Chromium with an empty profile: nothing cached, nobody logged in. */
export async function openBrowser({
  width = 1440,
  height = 900,
  colorScheme = 'light' as 'light' | 'dark',
} = {}): Promise<OpenBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'calendly-reconnect-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: QUIET,
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return {
    context,
    complaints,
    newPage: () => context.newPage(),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Logs in as an operator and stays on the list of tenants. */
export async function logIn(
  page: Page,
  url: string,
  { password, operator = 'Nora Night' }: { password: string; operator?: string },
): Promise<void> {
  await page.goto(`${url}/inspector`);
  await page.getByLabel('Your name').fill(operator);
  await page.getByLabel('Password or API key').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Tenants' }).waitFor();
}
