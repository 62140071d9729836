import OAuth2Strategy from 'passport-oauth2';
import * as openid from 'openid-client';
import { AuthorizationCode } from 'simple-oauth2';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { api, app, redirectUri, sandboxForTest, usualScopes } from '../../support/calendly/sandbox-for-test.ts';

/** A person allows it: the address that the browser is sent back to, with the code. */
async function allow(authorizeUrl: string): Promise<URL> {
  const form = new URLSearchParams({ account: 'alice', decision: 'allow' });
  const answer = await fetch(authorizeUrl, { method: 'POST', redirect: 'manual', body: form });
  return new URL(answer.headers.get('location')!);
}

const userOf = async ({ url, controls }: Sandbox, accessToken: string) => {
  const { status, body } = await api(url, { access_token: accessToken }, 'GET', '/users/me');
  return status === 200 ? body.resource.uri === controls.accounts.get('alice').uri : status;
};

describe('openid-client', () => {
  const configured = (url: string) => {
    const server = {
      issuer: 'https://auth.calendly.com',
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${url}/oauth/token`,
      revocation_endpoint: `${url}/oauth/revoke`,
      introspection_endpoint: `${url}/oauth/introspect`,
    };
    // In the body, because this library form-encodes the two inside Basic, as RFC 6749 says, and Doorkeeper does not undo that.
    const config = new openid.Configuration(server, app.clientId, undefined, openid.ClientSecretPost(app.clientSecret));
    openid.allowInsecureRequests(config);
    return config;
  };

  test('goes through consent with PKCE, rotation and revocation', async () => {
    const sandbox = await sandboxForTest({ switches: { requirePkce: true } });
    const config = configured(sandbox.url);
    const verifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    const authorizeUrl = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: usualScopes,
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const back = await allow(authorizeUrl.href);
    const first = await openid.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
    expect(first).toMatchObject({
      expires_in: 7200,
      scope: usualScopes,
      owner: sandbox.controls.accounts.get('alice').uri,
    });
    const second = await openid.refreshTokenGrant(config, first.refresh_token!);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await userOf(sandbox, second.access_token)).toBe(true);
    expect(await openid.tokenIntrospection(config, second.access_token)).toMatchObject({
      active: true,
      client_id: app.clientId,
    });
    await openid.tokenRevocation(config, second.refresh_token!);
    expect(await userOf(sandbox, second.access_token)).toBe(401);
    await expect(openid.refreshTokenGrant(config, second.refresh_token!)).rejects.toThrow();
  });

  test('sees a refused token as a challenge, and as an OAuth error where there is none', async () => {
    const { url, controls } = await sandboxForTest();
    const config = configured(url);
    await expect(openid.refreshTokenGrant(config, 'unknown')).rejects.toBeInstanceOf(
      openid.WWWAuthenticateChallengeError,
    );
    controls.switches.set({ tokenErrorChallenge: false });
    await expect(openid.refreshTokenGrant(config, 'unknown')).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
  });
});

test.each(['header', 'body'] as const)(
  'simple-oauth2, its credentials in the %s, goes through consent, rotation and revocation',
  async (method) => {
    const sandbox = await sandboxForTest();
    const client = new AuthorizationCode({
      client: { id: app.clientId, secret: app.clientSecret },
      auth: { tokenHost: sandbox.url },
      options: { authorizationMethod: method, credentialsEncodingMode: 'loose' },
    });
    const back = await allow(client.authorizeURL({ redirect_uri: redirectUri, scope: usualScopes, state: 's' }));
    const first = await client.getToken({ code: back.searchParams.get('code')!, redirect_uri: redirectUri });
    expect([first.expired(), first.token['owner']]).toEqual([false, sandbox.controls.accounts.get('alice').uri]);
    const second = await first.refresh();
    expect(await userOf(sandbox, String(second.token['access_token']))).toBe(true);
    await expect(first.refresh()).rejects.toMatchObject({
      data: { payload: { error: 'invalid_grant' } },
      output: { statusCode: 400 },
    });
    await second.revokeAll();
    expect(await userOf(sandbox, String(second.token['access_token']))).toBe(401);
    await expect(second.refresh()).rejects.toMatchObject({ data: { payload: { error: 'invalid_grant' } } });
  },
);

test('passport-oauth2 goes through consent with PKCE, rotation and revocation', async () => {
  const sandbox = await sandboxForTest({ switches: { requirePkce: true } });
  const { url } = sandbox;
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: `${url}/oauth/authorize`,
      tokenURL: `${url}/oauth/token`,
      clientID: app.clientId,
      clientSecret: app.clientSecret,
      callbackURL: redirectUri,
      scope: usualScopes.split(' '),
      scopeSeparator: ' ',
      state: true,
      pkce: true,
    },
    (
      accessToken: string,
      refreshToken: string,
      results: object,
      _profile: unknown,
      done: (error: null, user: object) => void,
    ) => done(null, { accessToken, refreshToken, results }),
  );
  const session = {};
  const authenticate = (query: object) =>
    new Promise<{ redirected?: string; user?: any }>((resolve, reject) => {
      const bound = Object.create(strategy) as OAuth2Strategy;
      bound.redirect = (to: string) => resolve({ redirected: to });
      bound.success = (user: object) => resolve({ user });
      bound.fail = reject;
      bound.error = reject;
      bound.authenticate({ query, session, headers: {}, url: '/cb' } as never, {});
    });
  const back = await allow((await authenticate({})).redirected!);
  const { user } = await authenticate(Object.fromEntries(back.searchParams));
  expect(user.results).toMatchObject({ scope: usualScopes, owner: sandbox.controls.accounts.get('alice').uri });

  // What passport keeps of a strategy for refreshing: the client of the package `oauth` inside it.
  const { _oauth2: inner } = strategy as unknown as { _oauth2: any };
  const refresh = (token: string) =>
    new Promise<string[]>((resolve, reject) => {
      inner.getOAuthAccessToken(
        token,
        { grant_type: 'refresh_token' },
        (error: Error | null, access: string, fresh: string) => (error ? reject(error) : resolve([access, fresh])),
      );
    });
  const [access, fresh] = await refresh(user.refreshToken);
  expect(await userOf(sandbox, access!)).toBe(true);
  await expect(refresh(user.refreshToken)).rejects.toMatchObject({
    statusCode: 400,
    data: expect.stringContaining('invalid_grant'),
  });
  const body = new URLSearchParams({
    client_id: app.clientId,
    client_secret: app.clientSecret,
    token: fresh!,
  }).toString();
  await new Promise<void>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    inner._request('POST', `${url}/oauth/revoke`, headers, body, null, (error: Error | null) =>
      error ? reject(error) : resolve(),
    );
  });
  expect(await userOf(sandbox, access!)).toBe(401);
});
