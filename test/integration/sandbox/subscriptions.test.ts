import { describe, expect, test } from 'vitest';
import type { Sandbox, Switches } from '../../../src/sandbox/index.ts';
import { api, connect, sandboxForTest, subscription, type Tokens } from '../../support/calendly/sandbox-for-test.ts';

const hook = 'https://app.example/hooks/1';
const allEvents =
  'webhooks:write scheduled_events:read event_types:read routing_forms:read meeting_recaps:read contacts:read';

async function connected(account: string, switches: Partial<Switches> = {}, scope?: string) {
  const sandbox = await sandboxForTest({ switches });
  return { ...sandbox, tokens: await connect(sandbox.url, account, scope) };
}

const create = ({ url, tokens }: { url: string; tokens: Tokens }, more: object = {}) =>
  api(url, tokens, 'POST', '/webhook_subscriptions', subscription(tokens, hook, more));

const listPath = (tokens: Tokens, more = '') =>
  `/webhook_subscriptions?organization=${tokens.organization}&user=${tokens.owner}&scope=user${more}`;

describe('creating and deleting a subscription', () => {
  test('creating answers 201 with a Location, all twelve keys and never the signing key', async () => {
    const at = await connected('alice');
    const { status, headers, body } = await create(at);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(body.resource.uri);
    expect(body.resource).toEqual({
      callback_url: hook,
      created_at: expect.stringMatching(/\.\d{6}Z$/),
      creator: at.tokens.owner,
      events: ['invitee.created', 'invitee.canceled'],
      group: null,
      organization: at.tokens.organization,
      retry_started_at: null,
      scope: 'user',
      state: 'active',
      updated_at: expect.any(String),
      uri: expect.stringMatching(/^https:\/\/api\.calendly\.com\/webhook_subscriptions\/[0-9a-f-]{36}$/),
      user: at.tokens.owner,
    });
    const got = await api(at.url, at.tokens, 'GET', new URL(body.resource.uri).pathname);
    expect(got.body).toEqual(body);
    expect(JSON.stringify([body, got.body])).not.toContain('key-of-this-subscription');
  });

  test('deleting answers 204 once and 404 from then on', async () => {
    const at = await connected('alice');
    const path = new URL((await create(at)).body.resource.uri).pathname;
    const first = await api(at.url, at.tokens, 'DELETE', path);
    expect([first.status, first.body]).toEqual([204, undefined]);
    const second = await api(at.url, at.tokens, 'DELETE', path);
    expect([second.status, second.body]).toEqual([
      404,
      { title: 'Resource Not Found', message: 'The server could not find the requested resource.' },
    ]);
    expect(at.controls.subscriptions({ account: 'alice' })).toHaveLength(0);
    expect(at.controls.subscriptions({ account: 'alice', includeDeleted: true })).toHaveLength(1);
  });

  test.each([
    [{ url: undefined }, [{ parameter: 'url', message: 'is missing' }]],
    [{ url: '' }, [{ parameter: 'url', message: 'must be filled' }]],
    [{ url: 'not a url' }, [{ parameter: 'url', message: 'is in invalid format' }]],
    [{ url: 'ftp://a.example/' }, [{ parameter: 'url', message: 'is in invalid format' }]],
    [{ organization: undefined }, [{ parameter: 'organization', message: 'is missing' }]],
    [{ organization: 'abc' }, [{ parameter: 'organization', message: 'invalid' }]],
    [{ user: undefined }, [{ parameter: 'user', message: 'is missing' }]],
    [{ scope: 'team' }, [{ parameter: 'scope', message: 'must be one of: organization, user, group' }]],
    [{ events: undefined }, [{ parameter: 'events', message: 'is missing' }]],
    [{ events: 'invitee.created' }, [{ parameter: 'events', message: 'must be an array' }]],
    [{ events: [] }, [{ parameter: 'events', message: 'size cannot be less than 1' }]],
    [{ signing_key: 7 }, [{ parameter: 'signing_key', message: 'must be a string' }]],
    [{ events: ['routing_form_submission.created'] }, [{ parameter: 'scope', message: expect.any(String) }]],
    [
      { url: undefined, events: [] },
      [
        { parameter: 'url', message: 'is missing' },
        { parameter: 'events', message: 'size cannot be less than 1' },
      ],
    ],
  ])('creating with %j is 400 and says what is wrong', async (more, details) => {
    const at = await connected('alice', {}, allEvents);
    const { status, body } = await create(at, more);
    expect([status, body]).toEqual([
      400,
      { title: 'Invalid Argument', message: 'The supplied parameters are invalid.', details },
    ]);
    expect(at.controls.subscriptions()).toEqual([]);
  });
});

describe('rights to subscribe', () => {
  test('an event needs the scope of its family beside webhooks:write', async () => {
    const at = await connected('alice', {}, 'webhooks:write');
    const { status, body } = await create(at);
    expect([status, body.required_scopes]).toEqual([403, ['scheduled_events:read', 'webhooks:write']]);
    const recaps = await connected('alice', {}, 'webhooks:write scheduled_events:read');
    expect((await create(recaps, { events: ['meeting_recap.created'] })).body.required_scopes).toContain(
      'meeting_recaps:read',
    );
    at.controls.switches.set({ missingScopeStatus: 400 });
    expect([(await create(at)).status, (await create(at)).body.message]).toEqual([
      400,
      'The supplied parameters are invalid.',
    ]);
  });

  test('every plan may subscribe; only routing forms and recaps need a paid one', async () => {
    const at = await connected('carol', {}, allEvents);
    expect((await create(at, { events: ['invitee.created', 'contact.created', 'event_type.updated'] })).status).toBe(
      201,
    );
    const refused = [403, { title: 'Permission Denied', message: 'Please upgrade to a paid Calendly account.' }];
    for (const more of [
      { events: ['invitee.created', 'meeting_recap.created'] },
      { events: ['routing_form_submission.created'], scope: 'organization', user: undefined },
    ]) {
      const { status, body } = await create(at, { ...more, url: 'https://app.example/hooks/2' });
      expect([status, body]).toEqual(refused);
    }
  });

  test('with webhooksOnFreePlan off a free plan is asked to upgrade, but may list', async () => {
    const at = await connected('carol', { webhooksOnFreePlan: false });
    const { status, body } = await create(at);
    expect([status, body]).toEqual([
      403,
      { title: 'Permission Denied', message: 'Please upgrade to a paid Calendly account.' },
    ]);
    expect((await api(at.url, at.tokens, 'GET', listPath(at.tokens))).body).toEqual({
      collection: [],
      pagination: { count: 0, next_page: null, next_page_token: null, previous_page: null, previous_page_token: null },
    });
    at.controls.accounts.update('carol', { plan: 'trial' });
    expect((await create(at)).status).toBe(201);
  });

  test('a member may subscribe for himself only', async () => {
    const at = await connected('dave');
    const alice = await connect(at.url, 'alice');
    const organization = await create(at, { scope: 'organization', user: undefined });
    expect([organization.status, organization.body.required_scopes]).toEqual([403, undefined]);
    expect((await create(at, { user: alice.owner })).status).toBe(403);
    expect((await create(at)).status).toBe(201);
    expect((await create({ url: at.url, tokens: alice }, { scope: 'organization', url: `${hook}/2` })).status).toBe(
      201,
    );
  });

  test("another organization's subscriptions are out of reach", async () => {
    const at = await connected('alice');
    const path = new URL((await create(at)).body.resource.uri).pathname;
    const bob = await connect(at.url, 'bob');
    expect((await api(at.url, bob, 'DELETE', path)).status).toBe(403);
    expect((await api(at.url, bob, 'GET', listPath(at.tokens))).status).toBe(403);
    expect(at.controls.subscriptions()).toHaveLength(1);
  });
});

describe('a conflict with an existing subscription', () => {
  test.each<[Switches['conflictKey'], object, number]>([
    ['url', {}, 409],
    ['url', { scope: 'organization' }, 409],
    ['url', { url: `${hook}/2` }, 201],
    ['url+scope', {}, 409],
    ['url+scope', { scope: 'organization' }, 201],
    ['url+scope', { events: ['invitee.created'] }, 409],
    ['user+scope+events', { url: `${hook}/2` }, 409],
    ['user+scope+events', { url: `${hook}/2`, events: ['invitee.canceled', 'invitee.created'] }, 409],
    ['user+scope+events', { events: ['invitee.created'] }, 201],
  ])('with conflictKey %s a second one with %j is %i', async (conflictKey, more, status) => {
    const at = await connected('alice', { conflictKey });
    await create(at);
    const second = await create(at, more);
    expect(second.status).toBe(status);
    if (status === 409)
      expect(second.body).toEqual({ title: 'Already Exists', message: 'Hook with this url already exists' });
  });

  test('a disabled subscription conflicts, or not: a switch; a deleted one never does', async () => {
    const at = await connected('alice');
    const { uri } = (await create(at)).body.resource;
    at.controls.disableSubscription(uri);
    expect((await create(at)).status).toBe(409);
    at.controls.switches.set({ disabledConflicts: false });
    expect((await create(at)).status).toBe(201);
    at.controls.switches.set({ disabledConflicts: true });
    for (const listed of at.controls.subscriptions()) at.controls.deleteSubscription(listed.uri);
    expect((await create(at)).status).toBe(201);
  });
});

describe('lists of subscriptions', () => {
  test('lists come in pages, with absolute next and previous addresses, and deleting while paging skips nothing', async () => {
    const at = await connected('alice');
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1)
      made.push((await create(at, { url: `${hook}/${count}` })).body.resource.uri);
    const page = async (more: string) => (await api(at.url, at.tokens, 'GET', listPath(at.tokens, more))).body;
    const first = await page('&count=2&sort=created_at:asc');
    expect(first.collection.map((item: any) => item.uri)).toEqual(made.slice(0, 2));
    expect(first.pagination).toMatchObject({ count: 2, previous_page: null, previous_page_token: null });
    const next = new URL(first.pagination.next_page);
    expect([next.origin, next.pathname]).toEqual(['https://api.calendly.com', '/webhook_subscriptions']);
    expect(next.searchParams.get('page_token')).toBe(first.pagination.next_page_token);
    at.controls.deleteSubscription(made[1]!);
    const { body: second } = await api(at.url, at.tokens, 'GET', next.pathname + next.search);
    expect(second.collection.map((item: any) => item.uri)).toEqual(made.slice(2, 4));
    const back = new URL(second.pagination.previous_page);
    const { body: again } = await api(at.url, at.tokens, 'GET', back.pathname + back.search);
    expect(again.collection.map((item: any) => item.uri)).toEqual([made[0]]);
    expect((await page('&sort=created_at:desc')).collection[0].uri).toBe(made[4]);
  });

  test.each([
    ['?scope=user', ['organization', 'user']],
    ['?scope=user&organization=https://api.calendly.com/organizations/x', ['user']],
    ['?organization=https://api.calendly.com/organizations/x', ['scope']],
    ['?scope=organization&organization=https://api.calendly.com/organizations/x&count=0', ['count']],
    [
      '?scope=organization&organization=https://api.calendly.com/organizations/x&count=101&sort=name',
      ['count', 'sort'],
    ],
  ])('listing with %s names %j', async (query, parameters) => {
    const at = await connected('alice');
    const { status, body } = await api(at.url, at.tokens, 'GET', `/webhook_subscriptions${query}`);
    expect([status, body.details.map((detail: any) => detail.parameter)]).toEqual([400, parameters]);
  });

  test('an unknown page token is refused', async () => {
    const at = await connected('alice');
    const { status, body } = await api(at.url, at.tokens, 'GET', listPath(at.tokens, '&page_token=nonsense'));
    expect([status, body.details[0].parameter]).toEqual([400, 'page_token']);
  });

  test("somebody else's subscriptions stand in the same list", async () => {
    const at = await connected('alice');
    const foreign = at.controls.createSubscription({ account: 'alice', url: 'https://other.example/hook' });
    await create(at);
    const { body } = await api(at.url, at.tokens, 'GET', listPath(at.tokens));
    expect(body.collection.map((item: any) => item.uri)).toContain(foreign.uri);
    expect(body.collection).toHaveLength(2);
  });
});

describe('switches of subscriptions', () => {
  test('the switches for silent misbehaviour: a delete that does nothing, a list that lags', async () => {
    const at = await connected('alice', { ignoreDelete: true, listLagSeconds: 30 });
    const { uri } = (await create(at)).body.resource;
    expect((await api(at.url, at.tokens, 'GET', listPath(at.tokens))).body.collection).toEqual([]);
    at.controls.clock.advance(31);
    expect((await api(at.url, at.tokens, 'GET', listPath(at.tokens))).body.collection).toHaveLength(1);
    expect((await api(at.url, at.tokens, 'DELETE', new URL(uri).pathname)).status).toBe(204);
    expect(at.controls.subscriptions()).toHaveLength(1);
  });

  test.each<[Partial<Switches>, (controls: Sandbox['controls']) => void, string]>([
    [{ onTokenRevoked: 'keep' }, (controls) => controls.accounts.revokeLogin('dave'), 'active'],
    [{ onTokenRevoked: 'disable' }, (controls) => controls.accounts.revokeLogin('dave'), 'disabled'],
    [{ onTokenRevoked: 'delete' }, (controls) => controls.accounts.revokeLogin('dave'), 'deleted'],
    [{ onDowngrade: 'disable' }, (controls) => void controls.accounts.update('dave', { plan: 'free' }), 'disabled'],
    [
      { onOrganizationLeft: 'disable' },
      (controls) => void controls.accounts.update('dave', { moveTo: null }),
      'disabled',
    ],
  ])('with %j the subscription follows its people', async (switches, change, fate) => {
    const at = await connected('dave', switches);
    await create(at);
    change(at.controls);
    const [left] = at.controls.subscriptions({ includeDeleted: true });
    expect(left!.deletedAt ? 'deleted' : left!.state).toBe(fate);
  });

  test('requireHttpsCallback refuses plain http', async () => {
    const at = await connected('alice', { requireHttpsCallback: true });
    expect((await create(at, { url: 'http://app.example/hook' })).body.details[0].parameter).toBe('url');
    expect((await create(at)).status).toBe(201);
  });
});
