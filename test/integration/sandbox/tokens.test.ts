import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../../src/sandbox/index.ts';
import {
  api,
  app,
  challengeOf,
  codeFor,
  connect,
  postToken,
  redirectUri,
  refresh,
  sandboxForTest,
  type Tokens,
} from '../../support/calendly/sandbox-for-test.ts';

const invalidGrant = {
  error: 'invalid_grant',
  error_description:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
};
const exchange = (code: string) => ({ grant_type: 'authorization_code', code, redirect_uri: redirectUri });

describe('refresh tokens', () => {
  test("Calendly's own recipe: R1 gives R2, R1 again fails, R2 still gives R3", async () => {
    const { url, controls } = await sandboxForTest();
    const first = await connect(url, 'alice');
    const second = (await (await refresh(url, first.refresh_token)).json()) as Tokens;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const again = await refresh(url, first.refresh_token);
    expect([again.status, await again.json()]).toEqual([400, invalidGrant]);
    const third = await refresh(url, second.refresh_token);
    expect(third.status).toBe(200);

    const { pairs, liveRefreshTokens, liveAccessTokens } = controls.tokens('alice');
    expect([liveRefreshTokens, liveAccessTokens]).toEqual([1, 3]);
    expect(pairs[0]!.presentations.map(({ result }) => result)).toEqual(['refreshed', 'invalid_grant']);
    expect(pairs[0]!.refreshTokenFingerprint).toBe(fingerprint(first.refresh_token));
  });

  test('an access token lives on after its refresh token was used, to its two hours', async () => {
    const { url, controls } = await sandboxForTest();
    const first = await connect(url, 'alice');
    expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 7200 });
    expect(first.access_token.split('.')).toHaveLength(3);
    await refresh(url, first.refresh_token);
    expect((await api(url, first, 'GET', '/users/me')).status).toBe(200);
    controls.clock.advance(7201);
    const late = await api(url, first, 'GET', '/users/me');
    expect([late.status, late.body]).toEqual([401, { title: 'Unauthenticated', message: 'The access token expired' }]);
  });

  test('of many refreshes at once exactly one succeeds', async () => {
    const { url } = await sandboxForTest();
    const { refresh_token } = await connect(url, 'alice');
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(url, refresh_token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
  });
});

describe('codes', () => {
  test('a code works once, and for ten minutes', async () => {
    const { url, controls } = await sandboxForTest();
    const code = await codeFor(url, 'alice');
    expect((await postToken(url, exchange(code))).status).toBe(200);
    expect((await postToken(url, exchange(code))).status).toBe(400);
    const late = await codeFor(url, 'alice');
    controls.clock.advance(601);
    const answer = await postToken(url, exchange(late));
    expect([answer.status, await answer.json()]).toEqual([400, invalidGrant]);
  });

  test('the redirect address has to be the same again', async () => {
    const { url } = await sandboxForTest();
    const fields = { ...exchange(await codeFor(url, 'alice')), redirect_uri: `${redirectUri}?x` };
    expect(await (await postToken(url, fields)).json()).toEqual(invalidGrant);
  });

  test('a challenge that was given has to be met', async () => {
    const { url } = await sandboxForTest();
    const pkce = { code_challenge: challengeOf('the-verifier'), code_challenge_method: 'S256' };
    const code = await codeFor(url, 'alice', pkce);
    expect((await postToken(url, exchange(code))).status).toBe(400);
    expect((await postToken(url, { ...exchange(code), code_verifier: 'another' })).status).toBe(400);
    expect((await postToken(url, { ...exchange(code), code_verifier: 'the-verifier' })).status).toBe(200);
  });
});

describe('authentication of the client', () => {
  test('urlencoded, JSON and multipart bodies work, with Basic or body authentication', async () => {
    const { url } = await sandboxForTest();
    const basic = { authorization: `Basic ${btoa(`${app.clientId}:${app.clientSecret}`)}` };
    let token = (await connect(url, 'alice')).refresh_token;
    const form = new FormData();
    const send = async (body: URLSearchParams | FormData | string, headers: Record<string, string>) => {
      const response = await fetch(`${url}/oauth/token`, { method: 'POST', body, headers });
      expect(response.status).toBe(200);
      token = ((await response.json()) as Tokens).refresh_token;
    };
    await send(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }), basic);
    const json = {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: app.clientId,
      client_secret: app.clientSecret,
    };
    await send(JSON.stringify(json), { 'content-type': 'application/json' });
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', token);
    await send(form, basic);
  });

  test('wrong credentials get 401 invalid_client, and what is missing or unknown is named', async () => {
    const { url } = await sandboxForTest();
    const { refresh_token } = await connect(url, 'alice');
    const wrong = await postToken(url, { grant_type: 'refresh_token', refresh_token, client_secret: 'wrong' });
    expect([wrong.status, await wrong.json()]).toEqual([
      401,
      {
        error: 'invalid_client',
        error_description:
          'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
      },
    ]);
    expect(await (await postToken(url, {})).json()).toEqual({
      error: 'invalid_request',
      error_description: 'Missing required parameter: grant_type.',
    });
    expect(await (await postToken(url, { grant_type: 'password' })).json()).toMatchObject({
      error: 'unsupported_grant_type',
    });
    expect((await refresh(url, refresh_token)).status).toBe(200);
  });
});

describe('refusals', () => {
  test('reuse answers 401 where the switch says so', async () => {
    const { url } = await sandboxForTest({ switches: { refreshReuseStatus: 401 } });
    const answer = await refresh(url, 'f'.repeat(64));
    expect([answer.status, await answer.json()]).toEqual([401, invalidGrant]);
  });

  test('the ninth token of a user in a minute is refused without spending anything', async () => {
    const { url, controls } = await sandboxForTest();
    let { refresh_token: token } = await connect(url, 'alice');
    for (let count = 1; count < 8; count += 1)
      token = ((await (await refresh(url, token)).json()) as Tokens).refresh_token;
    const refused = await refresh(url, token);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(50);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect((await connect(url, 'bob')).scope).not.toBe('');
    controls.clock.advance(61);
    expect((await refresh(url, token)).status).toBe(200);
  });
});

describe('revoking and introspection', () => {
  test('revoking ends both tokens of the pair and no other pair', async () => {
    const { url } = await sandboxForTest();
    const first = await connect(url, 'alice');
    const other = await connect(url, 'alice');
    const revoked = await postToken(url, { token: first.refresh_token }, '/oauth/revoke');
    expect([revoked.status, await revoked.json()]).toEqual([200, {}]);
    expect((await refresh(url, first.refresh_token)).status).toBe(400);
    expect((await api(url, first, 'GET', '/users/me')).body.message).toBe('The access token was revoked');
    expect((await api(url, other, 'GET', '/users/me')).status).toBe(200);
    expect((await postToken(url, { token: 'unknown' }, '/oauth/revoke')).status).toBe(200);
    expect((await postToken(url, {}, '/oauth/revoke')).status).toBe(400);
  });

  test("another app's token can be neither revoked, refreshed nor looked into", async () => {
    const other = { clientId: 'other-client', clientSecret: 'other-secret' };
    const { url } = await sandboxForTest({ otherApps: [other] });
    const tokens = await connect(url, 'alice');
    const asOther = { client_id: other.clientId, client_secret: other.clientSecret };
    const revoked = await postToken(url, { token: tokens.access_token, ...asOther }, '/oauth/revoke');
    expect([revoked.status, await revoked.json()]).toEqual([
      403,
      { error: 'unauthorized_client', error_description: 'You are not authorized to revoke this token' },
    ]);
    const grab = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...asOther };
    expect((await postToken(url, grab)).status).toBe(400);
    const looked = await postToken(url, { token: tokens.access_token, ...asOther }, '/oauth/introspect');
    expect(await looked.json()).toEqual({ active: false });
    expect((await refresh(url, tokens.refresh_token)).status).toBe(200);
  });

  test('introspection tells who a living token belongs to', async () => {
    const { url, controls } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    const look = async () => (await postToken(url, { token: tokens.access_token }, '/oauth/introspect')).json();
    expect(await look()).toEqual({
      active: true,
      scope: tokens.scope,
      client_id: app.clientId,
      token_type: 'Bearer',
      exp: tokens.created_at + 7200,
      iat: tokens.created_at,
      owner: tokens.owner,
      organization: tokens.organization,
    });
    controls.accounts.revokeLogin('alice');
    expect(await look()).toEqual({ active: false });
  });
});
