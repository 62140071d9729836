import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectWithMeeting, playCast } from '../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../support/service/inspected-service.ts';
import { logIn, openBrowser, type OpenBrowser } from '../support/service/open-browser.ts';
import { PASSWORD } from '../support/service/open-inspector.ts';
import { waitFor } from '../support/service/wait-for.ts';

/** What an invitee, an account or an attacker may be called. */
const NASTY = [
  '<script>globalThis.hit=1</script>',
  '"><img src=x onerror="globalThis.hit=1">',
  "'-alert(1)-'",
  '</textarea></title><svg onload=globalThis.hit=1>',
  '{{7*7}} ${7*7}',
];

let running: InspectedService;
beforeAll(async () => {
  running = await startInspected();
  await playCast(running.stage);
});
afterAll(() => running?.stop());

async function withBrowser(
  options: Parameters<typeof openBrowser>[0],
  work: (browser: OpenBrowser) => Promise<void>,
): Promise<void> {
  const browser = await openBrowser(options);
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

test('no name is markup, wherever it turns up', async () => {
  running.sandbox.controls.faults.clear();
  const account = await connectWithMeeting(running.stage, 'nasty');
  for (const name of NASTY) running.sandbox.controls.book({ account, name, email: 'x@guest.example', eventName: name });
  running.sandbox.controls.accounts.update(account, { name: NASTY[0]! });
  await running.api('POST', '/v1/tenants/nasty/connection/resync');
  await waitFor(
    async () => (await running.api('GET', '/v1/tenants/nasty/meetings')).body.items.length === NASTY.length,
    { timeoutMs: 15_000, describe: 'all meetings' },
  );
  await withBrowser({}, async ({ newPage, complaints }) => {
    const page = await newPage();
    await page.goto(`${running.url}/inspector`);
    await page.getByLabel('Your name').fill(NASTY[3]!);
    await page.getByLabel('Password or API key').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    const paths = [
      '',
      `?q=${encodeURIComponent(NASTY[1]!)}`,
      '/tenants/nasty',
      '/tenants/nasty/meetings',
      '/tenants/nasty/deliveries',
      '/tenants/nasty/exchanges',
      '/tenants/nasty/what-if?event=retry',
    ];
    for (const path of paths) {
      await page.goto(`${running.url}/inspector${path}`);
      expect({ path, hit: await page.evaluate(() => (globalThis as { hit?: number }).hit) }).toEqual({
        path,
        hit: undefined,
      });
      expect(await page.locator('main img, main iframe, main script').count()).toBe(0);
    }
    await page.goto(`${running.url}/inspector/tenants/nasty/meetings`);
    for (const name of NASTY) await page.getByText(name, { exact: false }).first().waitFor();
    await page.goto(`${running.url}/inspector/tenants/nasty/compare`);
    await page.getByRole('button', { name: 'Ask Calendly' }).click();
    await page.getByText(NASTY[0]!).first().waitFor();
    expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined();
    expect(complaints).toEqual([]);
  });
});

test('markup that slipped through could not act: the policy stops it', async () => {
  await withBrowser({}, async ({ newPage }) => {
    const page = await newPage();
    await logIn(page, running.url, { password: PASSWORD });
    const acted = await page.evaluate(`(async () => {
      const script = document.createElement('script');
      try {
        script.append('globalThis.hit = 1');
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.hit=1">');
      } catch {
        // Trusted Types refuse text as markup at all.
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return globalThis.hit;
    })()`);
    expect(acted).toBeUndefined();
  });
});
