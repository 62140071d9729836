import { expect, test } from 'vitest';
import { connect, running } from '../../support/service/service-of-file.ts';
import { callbackAddress, expectInvalidPage, HOST, serveBrowsers } from './browsers.ts';

serveBrowsers();

test('a link that was used, is too old or was overtaken says so, and leads back to where the person came from', async () => {
  const read = async (address: string) => (await fetch(address)).text();
  const returnTo = `${HOST}/settings?tab=1`;
  const back = `<a href="${HOST}/settings?tab=1">Go back to app.host.example</a>`;
  const used = await callbackAddress((await connect('led', { returnTo })).body.authorizeUrl, 'dave');
  await fetch(used, { redirect: 'manual' });
  expect(await read(used)).toMatch(/It was used before.*Go back to app\.host\.example/s);
  expect(await read(used)).toContain(back);

  const expired = await callbackAddress(
    (await connect('led', { returnTo, switchAccount: true })).body.authorizeUrl,
    'dave',
  );
  await running.database.db
    .updateTable('consent_attempt')
    .set({ expires_at: new Date(0) })
    .where('tenant_id', '=', 'led')
    .where('consumed_at', 'is', null)
    .execute();
  expect(await read(expired)).toMatch(/It is too old.*Go back to app\.host\.example/s);

  const unknown = await read(`${running.url}/oauth/callback?code=abc&state=${'A'.repeat(43)}`);
  expect(unknown).toContain('Go back to the product that sent you here');
  expect(unknown).not.toContain('<a ');
});

const PROBLEM = 'application/problem+json; charset=utf-8';
const look = async (path: string, headers: Record<string, string> = { accept: 'text/html,application/xhtml+xml' }) => {
  const answer = await fetch(`${running.url}${path}`, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};

test.each(['/nothing', '/tenants/acme/nothing', '/inspector/assets/nothing.js', '/oauth/nothing'])(
  'a browser at %s gets a page that leads on, a program a problem document',
  async (path) => {
    const { text, ...page } = await look(path);
    expect(page).toEqual({ status: 404, type: 'text/html; charset=utf-8' });
    expect(text).toContain(`<code>${path}</code>`);
    for (const [, href] of text.matchAll(/<a href="([^"]+)"/g))
      expect((await look(new URL(href!, `${running.url}${path}`).pathname)).status, href).toBe(200);
    expect(await look(path, {})).toMatchObject({ status: 404, type: PROBLEM });
  },
);

test.each(['/v1/nothing', '/v1/tenants/acme/nothing', '/webhooks/calendly/nothing', '/health/nothing'])(
  'a browser at %s gets a problem document, as programs do',
  async (path) => {
    const { status, type } = await look(path);
    expect([status >= 400, type]).toEqual([true, PROBLEM]);
  },
);

test('a person whose form is refused reads a page', async () => {
  const headers = { accept: 'text/html' };
  await expectInvalidPage(await fetch(`${running.url}/oauth/confirm-account`, { method: 'POST', headers }));
});
