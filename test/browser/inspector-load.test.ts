import { afterAll, beforeAll, expect, test } from 'vitest';
import { stickTenant } from '../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../support/service/inspected-service.ts';
import { logIn, openBrowser } from '../support/service/open-browser.ts';
import { PASSWORD } from '../support/service/open-inspector.ts';

/** All that a page may cost a browser that has nothing yet: it is looked at over bad lines, too. */
const MOST_BYTES = 150_000;

let running: InspectedService;
beforeAll(async () => {
  running = await startInspected();
  await stickTenant(running.stage, 'stuck');
});
afterAll(() => running?.stop());

for (const [name, path, useful] of [
  ['the list', '', '#t-stuck'],
  ['a tenant', '/tenants/stuck', '#chart .state.lit'],
] as const) {
  test(`${name} is small, and everything in it comes from here`, async () => {
    const browser = await openBrowser();
    try {
      const first = await browser.newPage();
      await logIn(first, running.url, { password: PASSWORD });
      const page = await browser.newPage();
      const session = await browser.context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.clearBrowserCache');
      const loaded = { bytes: 0, requests: 0, hosts: new Set<string>() };
      session.on('Network.requestWillBeSent', ({ request }) => {
        loaded.requests += 1;
        if (!request.url.startsWith('data:')) loaded.hosts.add(new URL(request.url).host);
      });
      session.on('Network.loadingFinished', ({ encodedDataLength }) => void (loaded.bytes += encodedDataLength));
      const start = performance.now();
      await page.goto(`${running.url}/inspector${path}`, { waitUntil: 'domcontentloaded' });
      await page.locator(useful).waitFor();
      const ms = Math.round(performance.now() - start);
      await page.locator('#live[data-state=on]').waitFor();
      console.log(`${name}: ${loaded.requests} requests, ${loaded.bytes} bytes, useful after ${ms} ms`);
      expect([...loaded.hosts]).toEqual([new URL(running.url).host]);
      expect(loaded.bytes).toBeGreaterThan(10_000);
      expect(loaded.bytes).toBeLessThan(MOST_BYTES);
    } finally {
      await browser.close();
    }
  });
}
