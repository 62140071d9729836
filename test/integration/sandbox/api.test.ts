import { describe, expect, test } from 'vitest';
import { api, connect, sandboxForTest } from '../../support/calendly/sandbox-for-test.ts';

describe('tokens and scopes', () => {
  test('/users/me has the recorded keys, in alphabetical order', async () => {
    const { url, controls } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    const { status, body, headers } = await api(url, tokens, 'GET', '/users/me');
    expect(status).toBe(200);
    expect(body.resource).toMatchObject({
      uri: tokens.owner,
      current_organization: tokens.organization,
      email: controls.accounts.get('alice').email,
      resource_type: 'User',
    });
    expect(Object.keys(body.resource)).toEqual(Object.keys(body.resource).sort());
    expect(body.resource.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(headers.get('x-ratelimit-limit')).toBe('500');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('without a token, or with an unknown one, the answer is 401 with rate-limit headers', async () => {
    const { url } = await sandboxForTest();
    const invalid = { title: 'Unauthenticated', message: 'The access token is invalid' };
    const bare = await fetch(`${url}/users/me`);
    expect([bare.status, await bare.json()]).toEqual([401, invalid]);
    expect(bare.headers.get('x-ratelimit-reset')).toBe('60');
    const unknown = await api(url, { access_token: 'nonsense' }, 'GET', '/users/me');
    expect([unknown.status, unknown.body]).toEqual([401, invalid]);
  });

  test('a revoked login ends every token of the account', async () => {
    const { url, controls } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    controls.accounts.revokeLogin('alice');
    const { status, body } = await api(url, tokens, 'GET', '/users/me');
    expect([status, body.message]).toEqual([401, 'The access token was revoked']);
    expect(controls.tokens('alice').liveRefreshTokens).toBe(0);
  });

  test.each([
    ['GET', '/users/me', 'scheduled_events:read', ['users:read']],
    ['GET', '/webhook_subscriptions', 'users:read', ['webhooks:read']],
    ['POST', '/webhook_subscriptions', 'webhooks:read', ['webhooks:write']],
    ['GET', '/scheduled_events', 'webhooks:write', ['scheduled_events:read']],
    ['POST', '/invitee_no_shows', 'scheduled_events:read', ['scheduled_events:write']],
    ['GET', '/organization_memberships', 'users:read', ['organizations:read']],
  ])('%s %s with %s alone is 403 and lists %j', async (method, path, scope, required) => {
    const { url } = await sandboxForTest();
    const tokens = await connect(url, 'alice', scope);
    const { status, body } = await api(url, tokens, method, path, method === 'POST' ? {} : undefined);
    expect([status, body]).toEqual([
      403,
      {
        title: 'Insufficient scope',
        message: "This operation requires the scopes listed in the 'required_scopes' array.",
        required_scopes: required,
      },
    ]);
  });

  test('a write scope implies the read scope', async () => {
    const { url } = await sandboxForTest();
    const tokens = await connect(url, 'alice', 'scheduled_events:write');
    const { status } = await api(url, tokens, 'GET', `/scheduled_events?user=${tokens.owner}`);
    expect(status).toBe(200);
  });
});

describe('rate limits', () => {
  test('requests are counted per app and user, in windows of a minute', async () => {
    const { url, controls } = await sandboxForTest({ switches: { apiRateLimit: 2, retryAfterHeader: true } });
    const [alice, bob] = [await connect(url, 'alice'), await connect(url, 'bob')];
    const remaining = async () => (await api(url, alice, 'GET', '/users/me')).headers.get('x-ratelimit-remaining');
    expect([await remaining(), await remaining()]).toEqual(['1', '0']);
    const refused = await api(url, alice, 'GET', '/users/me');
    expect([refused.status, refused.body]).toEqual([429, {}]);
    expect(refused.headers.get('retry-after')).toBe(refused.headers.get('x-ratelimit-reset'));
    expect((await api(url, bob, 'GET', '/users/me')).status).toBe(200);
    controls.clock.advance(60);
    expect((await api(url, alice, 'GET', '/users/me')).status).toBe(200);
  });

  test('a free plan has 50 requests a minute', async () => {
    const { url } = await sandboxForTest();
    const carol = await connect(url, 'carol');
    expect((await api(url, carol, 'GET', '/users/me')).headers.get('x-ratelimit-limit')).toBe('50');
  });
});

describe('organizations and users', () => {
  test('an owner sees the members of the organization, a member only himself', async () => {
    const { url } = await sandboxForTest();
    const scope = 'users:read organizations:read';
    const [alice, dave, bob] = await Promise.all(['alice', 'dave', 'bob'].map((slug) => connect(url, slug, scope)));
    const members = await api(url, alice!, 'GET', `/organization_memberships?organization=${alice!.organization}`);
    expect(members.body.collection.map((member: any) => [member.user.slug, member.role])).toEqual([
      ['alice', 'owner'],
      ['dave', 'user'],
    ]);
    const asked = await api(url, dave!, 'GET', `/organization_memberships?organization=${dave!.organization}`);
    expect(asked.status).toBe(403);
    expect(
      (await api(url, dave!, 'GET', `/organization_memberships?user=${dave!.owner}`)).body.collection,
    ).toHaveLength(1);
    const foreign = await api(url, bob!, 'GET', `/users/${alice!.owner.split('/').at(-1)}`);
    expect(foreign.status).toBe(403);
    const organization = await api(url, bob!, 'GET', new URL(bob!.organization).pathname);
    expect(organization.body.resource).toMatchObject({ kind: 'single', stage: 'paid', uri: bob!.organization });
  });

  test('a moved user has another current organization', async () => {
    const { url, controls } = await sandboxForTest();
    const tokens = await connect(url, 'dave');
    controls.accounts.update('dave', { moveTo: 'bob', role: 'admin' });
    const { body } = await api(url, tokens, 'GET', '/users/me');
    expect(body.resource.current_organization).toBe(controls.accounts.get('bob').organization);
    expect(body.resource.current_organization).not.toBe(tokens.organization);
  });
});

describe('other answers', () => {
  test('an unknown path is 404 in the form of Calendly, and unreadable JSON is 400', async () => {
    const { url } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    const unknown = await api(url, tokens, 'GET', '/nowhere');
    expect([unknown.status, unknown.body.title]).toEqual([404, 'Resource Not Found']);
    const response = await fetch(`${url}/webhook_subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: '{"url":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ title: 'Invalid Argument' });
  });

  test('sample data is a bare envelope for each of the fourteen events', async () => {
    const { url } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    const events = [
      ...['created', 'canceled'].map((action) => `invitee.${action}`),
      ...['created', 'deleted'].map((action) => `invitee_no_show.${action}`),
      ...['meeting_recap', 'contact', 'event_type'].flatMap((family) =>
        ['created', 'updated', 'deleted'].map((action) => `${family}.${action}`),
      ),
      'routing_form_submission.created',
    ];
    expect(events).toHaveLength(14);
    for (const event of events) {
      const query = new URLSearchParams({
        event,
        organization: tokens.organization,
        scope: 'user',
        user: tokens.owner,
      });
      const { status, body } = await api(url, tokens, 'GET', `/sample_webhook_data?${query.toString()}`);
      expect([status, Object.keys(body), body.event]).toEqual([
        200,
        ['created_at', 'created_by', 'event', 'payload'],
        event,
      ]);
    }
  });

  test('a membership is listed, and read by colleagues only', async () => {
    const { url } = await sandboxForTest();
    const [alice, dave, bob] = await Promise.all(
      ['alice', 'dave', 'bob'].map((slug) => connect(url, slug, 'organizations:read')),
    );
    const { body } = await api(url, alice!, 'GET', `/organization_memberships?organization=${alice!.organization}`);
    const path = new URL(body.collection[0].uri).pathname;
    expect((await api(url, dave!, 'GET', path)).body.resource).toEqual(body.collection[0]);
    expect((await api(url, bob!, 'GET', path)).status).toBe(403);
    expect((await api(url, alice!, 'GET', '/organization_memberships/x')).status).toBe(404);
  });
});
