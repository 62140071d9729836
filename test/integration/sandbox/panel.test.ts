import { describe, expect, test } from 'vitest';
import { defaultSwitches } from '../../../src/sandbox/index.ts';
import { api, connect, sandboxForTest } from '../../support/calendly/sandbox-for-test.ts';

async function opened() {
  const sandbox = await sandboxForTest();
  /** As a browser sends a form; follows to the page that is shown then. */
  const press = async (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${sandbox.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });
    return { status: answer.status, url: answer.url, text: await answer.text() };
  };
  return { ...sandbox, press };
}

describe('the controls on the page', () => {
  test('the page needs no script, labels every field and offers every account and every switch', async () => {
    const { url, controls } = await opened();
    const text = await (await fetch(url)).text();
    expect(text).not.toContain('<script');
    for (const { slug } of controls.accounts.list()) expect(text).toContain(`href="/book/${slug}"`);
    for (const name of Object.keys(defaultSwitches))
      expect(text).toMatch(new RegExp(`<label for="switch-${name}">.*?id="switch-${name}" name="${name}"`, 's'));
  });

  test('a plan and a role are changed, and logins are ended', async () => {
    const { url, controls, press } = await opened();
    const tokens = await connect(url, 'alice');
    const page = await press('/panel/accounts/alice', { plan: 'free', role: 'admin' });
    expect([page.status, page.text.includes('The account was changed.')]).toEqual([200, true]);
    expect(controls.accounts.get('alice')).toMatchObject({ plan: 'free', role: 'admin' });
    await press('/panel/accounts/alice/revoke-login');
    expect((await api(url, tokens, 'GET', '/users/me')).status).toBe(401);
    expect((await press('/panel/accounts/alice', { plan: 'gold', role: 'admin' })).status).toBe(400);
    expect((await press('/panel/accounts/nobody', { plan: 'free', role: 'user' })).status).toBe(404);
  });

  test('the clock goes forward', async () => {
    const { url, controls, press } = await opened();
    const tokens = await connect(url, 'alice');
    const before = controls.clock.now().getTime();
    await press('/panel/clock', { step: 'tokens' });
    expect(controls.clock.now().getTime() - before).toBeGreaterThanOrEqual(7_260_000);
    expect((await api(url, tokens, 'GET', '/users/me')).body.message).toBe('The access token expired');
    expect((await press('/panel/clock', { step: 'back' })).status).toBe(400);
  });

  test('faults are added, shown and removed', async () => {
    const { url, controls, press } = await opened();
    const tokens = await connect(url, 'alice');
    const page = await press('/panel/faults', { target: 'user', failure: 'unavailable', times: 'forever' });
    expect(page.text).toContain('<code>any /users/me</code> respond 503');
    expect((await api(url, tokens, 'GET', '/users/me')).status).toBe(503);
    await press(`/panel/faults/${controls.faults.list()[0]!.id}/remove`);
    expect((await api(url, tokens, 'GET', '/users/me')).status).toBe(200);
    await press('/panel/faults', { target: 'everything', failure: 'blocked', times: 'once' });
    await press('/panel/faults/clear');
    expect(controls.faults.list()).toEqual([]);
    expect((await press('/panel/faults', { target: 'user' })).status).toBe(400);
  });

  test('switches are saved as they stand on the page, refused when impossible, and reset', async () => {
    const { url, controls, press } = await opened();
    const text = await (await fetch(url)).text();
    const unescaped = (value: string) => value.replaceAll('&#34;', '"');
    const inputs = [...text.matchAll(/<input type="text" id="switch-\w+" name="(\w+)" value="([^"]*)">/g)];
    const selects = [...text.matchAll(/<select id="switch-\w+" name="(\w+)">.*?<option value="([^"]*)" selected>/g)];
    const asShown = Object.fromEntries([...inputs, ...selects].map(([, name, value]) => [name!, unescaped(value!)]));
    expect(Object.keys(asShown).sort()).toEqual(Object.keys(defaultSwitches).sort());
    await press('/panel/switches', asShown);
    expect(controls.switches.get()).toEqual(defaultSwitches);

    const page = await press('/panel/switches', {
      ...asShown,
      webhooksOnFreePlan: 'false',
      autoConsent: 'alice',
      refusedUserAgents: '["curl"]',
    });
    expect(controls.switches.get()).toMatchObject({
      webhooksOnFreePlan: false,
      autoConsent: 'alice',
      refusedUserAgents: ['curl'],
    });
    expect(page.text).toContain('<code>webhooksOnFreePlan</code> <strong>changed</strong>');
    const refused = await press('/panel/switches', { ...asShown, accessTokenSeconds: '<b>soon</b>' });
    expect([refused.status, refused.text.includes('<b>soon')]).toEqual([400, false]);
    await press('/panel/switches/reset');
    expect(controls.switches.get()).toEqual(defaultSwitches);
  });

  test('deliveries are paused and resumed', async () => {
    const { controls, press } = await opened();
    expect((await press('/panel/deliveries', { do: 'pause' })).text).toContain('Paused; 0 waiting.');
    expect(controls.deliveries.settings().paused).toBe(true);
    await press('/panel/deliveries', { do: 'resume' });
    await press('/panel/deliveries', { do: 'retry' });
    expect(controls.deliveries.settings().paused).toBe(false);
  });
});

describe('requests from elsewhere', () => {
  test('no other site can press a button, and no address writes on the page', async () => {
    const { url, controls, press } = await opened();
    for (const [name, value, status] of [
      ['origin', 'https://evil.example', 400],
      ['origin', 'null', 400],
      ['sec-fetch-site', 'cross-site', 403],
    ] as const) {
      expect((await press('/panel/deliveries', { do: 'pause' }, { [name]: value })).status).toBe(status);
    }
    expect(controls.deliveries.settings().paused).toBe(false);
    expect((await press('/panel/deliveries', { do: 'pause' }, { origin: url })).status).toBe(200);
    expect(await (await fetch(`${url}/?done=<i>x</i>`)).text()).not.toContain('<i>');
    expect(controls.calls()).toEqual([]);
  });
});
