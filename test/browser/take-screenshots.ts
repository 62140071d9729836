import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { start } from '../../src/start.ts';
import { playCast } from '../support/cast-of-tenants.ts';
import { freePort } from '../support/free-port.ts';
import { logIn, openBrowser } from '../support/open-browser.ts';
import { pictureDemo } from './picture-demo.ts';

/** `npm run screenshots`: the pictures of the README and of docs/inspector.md, from the running pieces. */
const PICTURES = process.argv[2] ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

async function run(): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-pictures-'));
  const config = loadConfig({ PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'error' }, { dataDir });
  const running = await start({ config, log: createLogger({ level: 'error' }), durable: false });
  try {
    await playCast({ url: config.publicUrl, apiKey: config.apiKeys[0]!, sandbox: running.sandbox! });
    for (const colorScheme of ['light', 'dark'] as const) {
      await takePictures(config.publicUrl, config.inspectorPassword, colorScheme);
      await pictureDemo(config.publicUrl, PICTURES, colorScheme);
    }
  } finally {
    await running.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function takePictures(url: string, password: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const browser = await openBrowser({ colorScheme });
  const page = await browser.newPage();
  const picture = (name: string) => page.screenshot({ path: join(PICTURES, `inspector-${name}-${colorScheme}.png`) });
  try {
    await logIn(page, url, { password });
    await liveNow(page);
    await picture('tenants');
    await page.getByRole('link', { name: 'wayne-enterprises' }).click();
    await liveNow(page);
    await picture('tenant');
    await page.getByRole('link', { name: /call\.failed/ }).first().click();
    await page.locator('#detail .exchange').first().waitFor();
    await picture('history');
    await page.getByRole('link', { name: 'Retry…' }).click();
    await page.getByRole('dialog').waitFor();
    await picture('what-if');
    await page.goto(`${url}/inspector/tenants/acme/compare`);
    await page.getByRole('button', { name: 'Ask Calendly' }).click();
    await page.getByRole('table').first().waitFor();
    await picture('compare');
    await page.setViewportSize({ width: 420, height: 860 });
    await page.goto(`${url}/inspector/tenants/wayne-enterprises`);
    await liveNow(page);
    await picture('narrow');
  } finally {
    await browser.close();
  }
}

const liveNow = (page: Page) => page.locator('#live[data-state=on]').waitFor();

await run();
