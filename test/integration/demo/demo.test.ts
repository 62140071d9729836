import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startDemo, type RunningDemo } from '../../support/service/start-demo.ts';
import { startTestService } from '../../support/service/start-test-service.ts';

let demo: RunningDemo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

const page = (path: string) => fetch(`${demo.url}${path}`, { redirect: 'manual' });
const press = (
  action: string,
  fields: Record<string, string>,
  headers: Record<string, string> = { origin: demo.url },
) =>
  fetch(`${demo.url}/demo/${action}`, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(fields),
  });

describe('who may press a button', () => {
  test('with credentials for the real Calendly there is no demo page at all', async () => {
    const real = await startTestService();
    for (const path of ['/', '/demo/demo.js', '/demo/demo.css'])
      expect((await fetch(`${real.url}${path}`)).status, path).toBe(404);
    expect((await fetch(`${real.url}/demo/connect`, { method: 'POST', headers: { origin: real.url } })).status).toBe(
      404,
    );
    await real.stop();
  });

  test('a button pressed on a page from elsewhere does nothing', async () => {
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: demo.url.replace('http:', 'https:') },
    ] as Record<string, string>[]) {
      const answer = await press('connect', { tenant: 'forged' }, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(await answer.text()).toContain('sent from another address');
    }
    expect(
      await demo.database.db.selectFrom('connection').selectAll().where('tenant_id', '=', 'forged').execute(),
    ).toEqual([]);
  });

  test('a button works under every loopback name that the page can be opened with', async () => {
    const answer = await press(
      'connect',
      { tenant: 'by-name' },
      { origin: demo.url.replace('127.0.0.1', 'localhost') },
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toContain(`${demo.sandbox.url}/oauth/authorize?`);
  });
});

describe('consent', () => {
  test('consent leads back to the page, which completes it, and whose browser never sees the key of the service', async () => {
    const asked = await press('connect', { tenant: 'keyless' });
    const back = await giveConsent(asked.headers.get('location')!, 'alice');
    const address = back.headers.get('location')!;
    expect(address).toMatch(/\/\?tenant=keyless&calendly=confirm&ticket=[\w-]{43}$/);
    const cookie = asked.headers.getSetCookie()[0]!.split(';')[0]!;
    const completed = await fetch(address, { redirect: 'manual', headers: { cookie } });
    expect(completed.headers.get('location')).toBe('/?tenant=keyless&calendly=connected');
    for (const path of ['/', '/?tenant=keyless', '/demo/demo.js']) {
      const text = await (await page(path)).text();
      expect(text, path).not.toContain(demo.apiKey);
    }
  });

  test('consent that comes back in another browser links nothing', async () => {
    const asked = await press('connect', { tenant: 'lured' });
    const other = await press('connect', { tenant: 'somebody-else' });
    const back = await giveConsent(asked.headers.get('location')!, 'alice');
    for (const cookie of ['', other.headers.getSetCookie()[0]!.split(';')[0]!]) {
      const answer = await fetch(back.headers.get('location')!, { redirect: 'manual', headers: { cookie } });
      expect(answer.headers.get('location')).toBe('/?tenant=lured&calendly=not_yours');
    }
    expect(await (await page('/?tenant=lured&calendly=not_yours')).text()).toContain('nothing was linked');
    const { account_uri: linked } = await demo.database.db
      .selectFrom('connection')
      .select('account_uri')
      .where('tenant_id', '=', 'lured')
      .executeTakeFirstOrThrow();
    expect(linked).toBeNull();
  });
});

describe('the page', () => {
  test.each(['a b', 'ä', 'x'.repeat(129), '../v1'])(
    'the customer %j is refused on a page that says why',
    async (tenant) => {
      const answer = await page(`/?tenant=${encodeURIComponent(tenant)}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('text/html');
      expect(await answer.text()).toContain('1 to 128 letters, digits');
    },
  );

  test('an unknown address leads to the demo, and a booking back to it', async () => {
    const accept = { accept: 'text/html' };
    const unknown = await fetch(`${demo.url}/settings/calendly`, { headers: accept });
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining('<a href="../">The demo page'),
    ]);
    const form = await (await fetch(`${demo.sandbox.url}/book/carol`, { headers: accept })).text();
    const start = /name="start"[^>]* value="([^"]+)"/.exec(form)![1]!;
    const booked = await fetch(`${demo.sandbox.url}/book/carol`, {
      method: 'POST',
      body: new URLSearchParams({ name: 'Gina Guest', email: 'gina@guest.example', start }),
    });
    const text = await booked.text();
    expect(text).toContain('You are booked');
    expect(text).toContain(`<a href="${demo.url}/">Back to the product</a>`);
    const nothing = await fetch(`${demo.sandbox.url}/nothing/here`, { headers: accept });
    expect([nothing.status, await nothing.text()]).toEqual([404, expect.stringContaining('<a href="/">')]);
  });

  test('booking for a customer who is not connected is refused in words', async () => {
    const answer = await press('book', { tenant: 'nobody', name: 'Gina Guest' });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('not connected any more');
  });

  test('pages run no script but the own one, and are never kept', async () => {
    const { headers } = await page('/');
    expect(headers.get('content-security-policy')).toContain(
      "default-src 'none'; style-src 'self'; script-src 'self';",
    );
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    const text = await (await page('/?tenant=keyless')).text();
    expect(text).not.toMatch(/<script(?! src="\/demo\/demo\.js" defer>)|<style| on\w+=| style=/);
  });

  test('an open page, which looks every second, leaves no line in the log', async () => {
    const before = demo.logged.length;
    await page('/?tenant=keyless');
    expect(demo.logged.slice(before).filter((line) => line.includes('"incoming request"'))).toEqual([]);
  });

  test('a connection that waits for somebody says for whom, and offers the consent page again', async () => {
    await press('connect', { tenant: 'waiting' });
    const text = await (await page('/?tenant=waiting')).text();
    expect(text).toContain('Somebody has to answer the consent page');
    expect(text).toContain('Open the consent page');
  });
});
