import { describe, expect, test } from 'vitest';
import {
  app,
  authorizeUrl,
  codeFor,
  connect,
  consent,
  postToken,
  redirectUri,
  sandboxForTest,
} from '../../support/calendly/sandbox-for-test.ts';

describe('the consent page', () => {
  test('the consent page offers every account and every asked scope, and runs no script', async () => {
    const { url } = await sandboxForTest();
    const page = await fetch(authorizeUrl(url));
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const part of [
      'value="alice"',
      'value="bob"',
      'value="carol"',
      'value="dave"',
      'value="webhooks:write" checked',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('<script');
  });

  test('what a stranger puts into the address is escaped on the page', async () => {
    const { url } = await sandboxForTest();
    const text = await (await fetch(authorizeUrl(url, { state: '"><b>bold</b>' }))).text();
    expect(text).not.toContain('<b>bold</b>');
  });
});

describe('the answer of the person', () => {
  test('allowing returns a code of 64 lowercase hex digits and the state exactly as it was', async () => {
    const { url } = await sandboxForTest();
    const state = 'a b+c/d=&é"%20';
    const location = await consent(
      url,
      [
        ['account', 'alice'],
        ['decision', 'allow'],
      ],
      { state },
    );
    expect(location.href.startsWith(redirectUri)).toBe(true);
    expect(location.searchParams.get('code')).toMatch(/^[0-9a-f]{64}$/);
    expect(location.searchParams.get('state')).toBe(state);
  });

  test('denying returns access_denied with the sentence of Doorkeeper', async () => {
    const { url } = await sandboxForTest();
    const { searchParams } = await consent(url, [
      ['account', 'alice'],
      ['decision', 'deny'],
    ]);
    expect(Object.fromEntries(searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The resource owner or authorization server denied the request.',
      state: 's',
    });
  });
});

describe('scopes', () => {
  test('a declined scope is missing from the token', async () => {
    const { url } = await sandboxForTest();
    const fields: [string, string][] = [
      ['account', 'bob'],
      ['decision', 'allow'],
      ['scopes_shown', '1'],
      ['scope', 'users:read'],
    ];
    const code = (await consent(url, fields)).searchParams.get('code')!;
    const response = await postToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    expect(await response.json()).toMatchObject({ scope: 'users:read' });
  });

  test('a scope that was not asked for cannot be granted', async () => {
    const { url } = await sandboxForTest();
    const fields: [string, string][] = [
      ['account', 'bob'],
      ['decision', 'allow'],
      ['scope', 'users:read webhooks:write'],
    ];
    const code = (await consent(url, fields, { scope: 'users:read' })).searchParams.get('code')!;
    const response = await postToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    expect(await response.json()).toMatchObject({ scope: 'users:read' });
  });

  test('no scope asked for is the legacy default, which stands for all', async () => {
    const { url } = await sandboxForTest();
    expect((await connect(url, 'alice', '')).scope).toBe('default');
  });
});

describe('wrong requests', () => {
  test('an unknown client or an unregistered address is told on a page, never by a redirect', async () => {
    const { url } = await sandboxForTest({ redirectUris: [redirectUri] });
    for (const more of [
      { client_id: 'unknown' },
      { redirect_uri: `${redirectUri}/` },
      { redirect_uri: 'http://evil.example/' },
    ]) {
      const response = await fetch(authorizeUrl(url, more as Record<string, string>), { redirect: 'manual' });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    }
  });

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: 'everything:read' }, 'invalid_scope'],
    [{ code_challenge: 'abc', code_challenge_method: 'plain' }, 'invalid_code_challenge_method'],
  ])('a request with %j goes back with %s', async (more, error) => {
    const { url } = await sandboxForTest();
    const response = await fetch(authorizeUrl(url, more as Record<string, string>), { redirect: 'manual' });
    expect(new URL(response.headers.get('location')!).searchParams.get('error')).toBe(error);
  });

  test('requirePkce refuses a request without a challenge', async () => {
    const { url } = await sandboxForTest({ switches: { requirePkce: true } });
    const response = await fetch(authorizeUrl(url), { redirect: 'manual' });
    expect(new URL(response.headers.get('location')!).searchParams.get('error')).toBe('invalid_request');
  });
});

describe('sessions and forms', () => {
  test('autoConsent reuses a session silently, as the account of last time, and can deny too', async () => {
    const { url, controls } = await sandboxForTest({
      switches: { autoConsent: 'bob', declinedScopes: ['webhooks:write'] },
    });
    const response = await fetch(authorizeUrl(url, { prompt: 'login' }), { redirect: 'manual' });
    expect(response.status).toBe(302);
    const code = new URL(response.headers.get('location')!).searchParams.get('code')!;
    const tokens = await postToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    expect(await tokens.json()).toMatchObject({
      owner: controls.accounts.get('bob').uri,
      scope: 'users:read scheduled_events:read scheduled_events:write',
    });
    controls.switches.set({ autoDecision: 'deny' });
    const denied = await fetch(authorizeUrl(url), { redirect: 'manual' });
    expect(denied.headers.get('location')).toContain('error=access_denied');
  });

  test('the browser is remembered: its last account is chosen already', async () => {
    const { url } = await sandboxForTest();
    const posted = await fetch(authorizeUrl(url), {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ account: 'carol', decision: 'allow' }),
    });
    const cookie = posted.headers.get('set-cookie')!.split(';')[0]!;
    const text = await (await fetch(authorizeUrl(url), { headers: { cookie } })).text();
    expect(text).toContain('value="carol" checked');
  });

  test('the form can be posted without a query, all parameters in its fields', async () => {
    const { url } = await sandboxForTest();
    const fields = {
      client_id: app.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      state: 'x',
      scope: 'users:read',
    };
    const response = await fetch(`${url}/oauth/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ...fields, account: 'alice', decision: 'allow' }),
    });
    expect(new URL(response.headers.get('location')!).searchParams.get('code')).toMatch(/^[0-9a-f]{64}$/);
    expect(await codeFor(url, 'alice')).toMatch(/^[0-9a-f]{64}$/);
  });
});
