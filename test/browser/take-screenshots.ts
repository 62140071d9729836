import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/logger/create-logger.ts';
import { start } from '../../src/boot/start.ts';
import { playCast } from '../support/world/cast-of-tenants.ts';
import { freePort } from '../support/service/free-port.ts';
import { logIn, openBrowser } from '../support/service/open-browser.ts';
import { pictureDemo } from './picture-demo.ts';

/** `npm run screenshots`: the pictures of the README and of docs/inspector.md, from the running pieces. */
const PICTURES = process.argv[2] ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

const SCHEMES = ['light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];

async function run(): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-pictures-'));
  const config = loadConfig(
    { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'error' },
    { dataDir },
  );
  const running = await start({ config, log: createLogger({ level: 'error' }), durable: false });
  try {
    const { controls } = running.sandbox!;
    const { publicUrl: url, inspectorPassword: password } = config;
    await playCast({ url, apiKey: config.apiKeys[0]!.secret, sandbox: running.sandbox! });
    controls.createSubscription({ account: 'acme', url: `${url}/webhooks/calendly/${randomUUID()}` });
    for (const colorScheme of SCHEMES)
      await withPage(colorScheme, url, password, (page) => takeStory(page, url, colorScheme));
    // Only now is Calendly well again: the stuck tenant had to stay stuck.
    controls.faults.clear();
    for (const colorScheme of SCHEMES) {
      await withPage(colorScheme, url, password, (page) => takeComparison(page, url, colorScheme));
      await pictureDemo(url, PICTURES, colorScheme);
    }
  } finally {
    await running.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function withPage(
  colorScheme: Scheme,
  url: string,
  password: string,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const browser = await openBrowser({ colorScheme });
  try {
    const page = await browser.newPage();
    await logIn(page, url, { password });
    await work(page);
  } finally {
    await browser.close();
  }
}

const picture = (page: Page, name: string, colorScheme: Scheme) =>
  page.screenshot({ path: join(PICTURES, `inspector-${name}-${colorScheme}.png`) });

async function takeStory(page: Page, url: string, colorScheme: Scheme): Promise<void> {
  await liveNow(page);
  await picture(page, 'tenants', colorScheme);
  await page.getByRole('link', { name: 'wayne-enterprises' }).click();
  await liveNow(page);
  await page.locator('#timeline a', { hasText: 'call.failed' }).first().click();
  await page.locator('#detail .exchange').first().waitFor();
  await picture(page, 'tenant', colorScheme);
  await page.keyboard.press('Escape');
  await picture(page, 'now', colorScheme);
  await page.getByRole('region', { name: 'Diagnosis' }).getByRole('link', { name: 'Retry…' }).click();
  await page.getByRole('dialog').waitFor();
  await picture(page, 'what-if', colorScheme);
  await page.setViewportSize({ width: 420, height: 860 });
  await page.goto(`${url}/inspector/tenants/wayne-enterprises`);
  await liveNow(page);
  await picture(page, 'narrow', colorScheme);
  await page.goto(`${url}/inspector`);
  await liveNow(page);
  await picture(page, 'narrow-list', colorScheme);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${url}/inspector/diagnoses`);
  await liveNow(page);
  await picture(page, 'diagnoses', colorScheme);
}

async function takeComparison(page: Page, url: string, colorScheme: Scheme): Promise<void> {
  await page.goto(`${url}/inspector/tenants/acme/compare`);
  await page.getByRole('button', { name: 'Ask Calendly' }).click();
  await page.getByRole('table').first().waitFor();
  await picture(page, 'compare', colorScheme);
}

const liveNow = (page: Page) => page.locator('#live[data-state=on]').waitFor();

await run();
