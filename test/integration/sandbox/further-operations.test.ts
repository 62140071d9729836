import { describe, expect, test } from 'vitest';
import { api, connect, sandboxForTest, type Tokens } from '../../support/calendly/sandbox-for-test.ts';

const scopes = 'users:read event_types:read organizations:write scheduling_links:write availability:read groups:read';
const guest = { account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' };
const pathOf = (uri: string) => new URL(uri).pathname;

async function connected(account = 'alice', scope = scopes) {
  const sandbox = await sandboxForTest();
  const tokens = await connect(sandbox.url, account, scope);
  const call = (method: string, path: string, json?: unknown, as: Tokens = tokens) =>
    api(sandbox.url, as, method, path, json);
  return { ...sandbox, tokens, call };
}

const details = ({ status, body }: { status: number; body: any }) => [
  status,
  body.details?.map((each: any) => each.parameter),
];

describe('scopes', () => {
  test.each([
    ['GET', '/event_types/x', 'event_types:read'],
    ['GET', '/organizations/x/invitations', 'organizations:read'],
    ['POST', '/organizations/x/invitations', 'organizations:write'],
    ['GET', '/organizations/x/invitations/y', 'organizations:read'],
    ['DELETE', '/organizations/x/invitations/y', 'organizations:write'],
    ['POST', '/scheduling_links', 'scheduling_links:write'],
    ['GET', '/user_busy_times', 'availability:read'],
    ['GET', '/event_type_available_times', 'availability:read'],
    ['GET', '/user_availability_schedules', 'availability:read'],
    ['GET', '/user_availability_schedules/x', 'availability:read'],
    ['GET', '/groups', 'groups:read'],
    ['GET', '/groups/x', 'groups:read'],
  ])('%s %s needs %s', async (method, path, scope) => {
    const { call } = await connected('alice', 'users:read');
    const { status, body } = await call(method, path, method === 'POST' ? {} : undefined);
    expect([status, body.required_scopes]).toEqual([403, [scope]]);
  });
});

describe('event types', () => {
  test('are read one by one too, by colleagues and by nobody else', async () => {
    const { url, tokens, call } = await connected('dave');
    const { body } = await call('GET', `/event_types?organization=${tokens.organization}&sort=name:desc&active=true`);
    expect(body.collection).toHaveLength(2);
    for (const listed of body.collection) expect((await call('GET', pathOf(listed.uri))).body.resource).toEqual(listed);
    const bob = await connect(url, 'bob', scopes);
    expect((await call('GET', pathOf(body.collection[0].uri), undefined, bob)).status).toBe(403);
    expect((await call('GET', '/event_types/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    expect(
      (await call('GET', `/event_types?organization=${tokens.organization}&active=false`)).body.collection,
    ).toEqual([]);
    expect(details(await call('GET', `/event_types?organization=${tokens.organization}&sort=colour`))).toEqual([
      400,
      ['sort'],
    ]);
  });
});

describe('invitations', () => {
  test('are sent, listed, accepted by whoever comes, and taken back', async () => {
    const { tokens, call, controls } = await connected();
    const list = `${pathOf(tokens.organization)}/invitations`;
    const made = await call('POST', list, { email: 'erin@ardent.example' });
    expect([made.status, made.body.resource]).toMatchObject([
      201,
      {
        email: 'erin@ardent.example',
        organization: tokens.organization,
        status: 'pending',
        last_sent_at: expect.any(String),
      },
    ]);
    expect(made.body.resource).not.toHaveProperty('user');
    const other = await call('POST', list, { email: 'finn@ardent.example' });
    const erin = controls.accounts.add({
      slug: 'erin',
      name: 'Erin',
      email: 'erin@ardent.example',
      organizationOf: 'alice',
    });
    const accepted = await call('GET', pathOf(made.body.resource.uri));
    expect(accepted.body.resource).toMatchObject({ status: 'accepted', user: erin.uri });
    expect((await call('GET', `${list}?status=pending`)).body.collection).toEqual([other.body.resource]);
    const first = await call('GET', `${list}?count=1`);
    const second = await call('GET', `${list}?count=1&page_token=${first.body.pagination.next_page_token}`);
    expect([first, second].map(({ body }) => body.collection[0].email)).toEqual([
      'erin@ardent.example',
      'finn@ardent.example',
    ]);
    expect((await call('GET', `${list}?email=finn@ardent.example&sort=created_at:desc`)).body.collection).toHaveLength(
      1,
    );
    expect((await call('DELETE', pathOf(other.body.resource.uri))).status).toBe(204);
    expect((await call('DELETE', pathOf(other.body.resource.uri))).status).toBe(404);
    const late = await call('DELETE', pathOf(made.body.resource.uri));
    expect([late.status, late.body.title]).toEqual([400, 'Invitation Already Accepted']);
  });

  test('are refused with the documented titles', async () => {
    const { tokens, call, controls } = await connected();
    const list = `${pathOf(tokens.organization)}/invitations`;
    await call('POST', list, { email: 'erin@ardent.example' });
    const post = async (json: object) => {
      const { status, body } = await call('POST', list, json);
      return [status, body.title];
    };
    expect(await post({ email: '' })).toEqual([400, 'Invalid Argument']);
    expect(await post({ email: 'nobody@nowhere' })).toEqual([400, 'Invalid Email']);
    expect(await post({ email: 'erin@ardent.example' })).toEqual([400, 'Already Invited']);
    expect(await post({ email: controls.accounts.get('dave').email })).toEqual([400, 'Already Organization Member']);
  });

  test('are for administrators of that organization', async () => {
    const { url, tokens, call } = await connected();
    const list = `${pathOf(tokens.organization)}/invitations`;
    for (const account of ['dave', 'bob']) {
      const as = await connect(url, account, scopes);
      expect((await call('GET', list, undefined, as)).status).toBe(403);
      expect((await call('POST', list, { email: 'x@y.example' }, as)).status).toBe(403);
    }
    expect((await call('GET', '/organizations/00000000-0000-4000-8000-000000000000/invitations')).status).toBe(404);
  });
});

describe('a scheduling link', () => {
  test('is good for one booking', async () => {
    const { url, tokens, call, controls } = await connected();
    const { body } = await call('GET', `/event_types?user=${tokens.owner}`);
    const wanted = { max_event_count: 1, owner: body.collection[0].uri, owner_type: 'EventType' };
    const made = await call('POST', '/scheduling_links', wanted);
    expect([made.status, made.body.resource]).toEqual([
      201,
      {
        booking_url: expect.stringMatching(/\/d\/[0-9a-f]{4}-[0-9a-f]{4}\/30min$/),
        owner: wanted.owner,
        owner_type: 'EventType',
      },
    ]);
    const page = made.body.resource.booking_url;
    const start = /name="start" required value="([^"]+)"/.exec(await (await fetch(page)).text())![1]!;
    const form = () => ({
      method: 'POST',
      body: new URLSearchParams({ name: 'Pia', email: 'pia@guest.example', start }),
    });
    expect((await fetch(page, { method: 'POST', body: new URLSearchParams() })).status).toBe(400);
    expect((await fetch(page, form())).status).toBe(201);
    expect((await fetch(page, form())).status).toBe(404);
    expect((await fetch(page)).status).toBe(404);
    expect(controls.meetings('alice')).toHaveLength(1);
    expect(details(await call('POST', '/scheduling_links', {}))).toEqual([
      400,
      ['max_event_count', 'owner', 'owner_type'],
    ]);
    expect(details(await call('POST', '/scheduling_links', { ...wanted, max_event_count: 2 }))).toEqual([
      400,
      ['max_event_count'],
    ]);
    const bob = await connect(url, 'bob', scopes);
    expect((await call('POST', '/scheduling_links', wanted, bob)).status).toBe(403);
    const unknown = { ...wanted, owner: wanted.owner.replace(/.{12}$/, '000000000000') };
    expect((await call('POST', '/scheduling_links', unknown)).status).toBe(404);
  });
});

describe('availability', () => {
  const day = (from: string, to: string) => `start_time=${from}T00:00:00Z&end_time=${to}T00:00:00Z`;

  test('busy times are the active meetings of a week, in order', async () => {
    const { url, tokens, call, controls } = await connected();
    const times = ['2027-05-05T10:00:00Z', '2027-05-04T09:00:00Z', '2027-05-06T09:00:00Z', '2027-06-04T09:00:00Z'];
    const booked = times.map((startTime) => controls.book({ ...guest, startTime }));
    controls.cancel({ invitee: booked[2]!.inviteeUri });
    const path = `/user_busy_times?user=${tokens.owner}&${day('2027-05-01', '2027-05-08')}`;
    const { status, body } = await call('GET', path);
    expect([status, Object.keys(body)]).toEqual([200, ['collection']]);
    expect(body.collection.map((each: any) => each.event.uri)).toEqual([booked[1]!.eventUri, booked[0]!.eventUri]);
    expect(body.collection[0]).toMatchObject({ type: 'calendly', start_time: '2027-05-04T09:00:00.000000Z' });
    expect((await call('GET', path, undefined, await connect(url, 'dave', scopes))).status).toBe(200);
    const stranger = await call('GET', path, undefined, await connect(url, 'bob', scopes));
    expect([stranger.status, stranger.body.message]).toEqual([403, 'This user is not in your organization']);
    expect(details(await call('GET', '/user_busy_times'))).toEqual([400, ['user', 'start_time', 'end_time']]);
    const longer = `/user_busy_times?user=${tokens.owner}&${day('2027-05-01', '2027-05-09')}`;
    expect(details(await call('GET', longer))).toEqual([400, ['end_time']]);
    controls.faults.add({ path: '/user_busy_times', kind: 'respond', status: 424 });
    expect((await call('GET', path)).body.title).toBe('External Calendar Error');
  });

  test('available times are the free half hours of at most 31 days, none of the past', async () => {
    const { url, tokens, call, controls } = await connected();
    const { body: types } = await call('GET', `/event_types?user=${tokens.owner}`);
    const ask = (range: string, as?: Tokens) =>
      call('GET', `/event_type_available_times?event_type=${types.collection[0].uri}&${range}`, undefined, as);
    controls.book({ ...guest, startTime: '2027-05-04T08:30:00Z' });
    const { status, body } = await ask(day('2027-05-04', '2027-05-05'));
    expect([status, body.collection.length]).toEqual([200, 17]);
    expect(body.collection.slice(0, 2).map((each: any) => each.start_time)).toEqual([
      '2027-05-04T08:00:00.000000Z',
      '2027-05-04T09:00:00.000000Z',
    ]);
    expect(body.collection[0]).toMatchObject({ invitees_remaining: 1, status: 'available' });
    expect((await fetch(body.collection[0].scheduling_url)).status).toBe(200);
    expect((await ask(day('2027-05-04', '2027-06-04'))).status).toBe(200);
    expect(details(await ask(day('2027-05-04', '2027-06-05')))).toEqual([400, ['end_time']]);
    expect(details(await ask(day('2020-05-04', '2020-05-05')))).toEqual([400, ['start_time']]);
    expect(details(await ask(day('2027-05-05', '2027-05-04')))).toEqual([400, ['end_time']]);
    expect((await ask(day('2027-05-04', '2027-05-05'), await connect(url, 'bob', scopes))).status).toBe(403);
  });

  test('a schedule is listed and read', async () => {
    const { url, tokens, call } = await connected();
    const { body } = await call('GET', `/user_availability_schedules?user=${tokens.owner}`);
    expect(body.collection).toMatchObject([{ default: true, timezone: 'Etc/UTC', user: tokens.owner }]);
    const path = pathOf(body.collection[0].uri);
    expect((await call('GET', path)).body.resource).toEqual(body.collection[0]);
    expect((await call('GET', path, undefined, await connect(url, 'bob', scopes))).status).toBe(403);
    expect((await call('GET', '/user_availability_schedules/x')).status).toBe(404);
    expect(details(await call('GET', '/user_availability_schedules'))).toEqual([400, ['user']]);
  });
});

test("groups are an administrator's to list and to read", async () => {
  const { url, tokens, call } = await connected();
  const path = `/groups?organization=${tokens.organization}`;
  const { body } = await call('GET', path);
  expect(body).toMatchObject({
    collection: [{ member_count: 2, organization: tokens.organization }],
    pagination: { count: 1 },
  });
  expect((await call('GET', pathOf(body.collection[0].uri))).body.resource).toEqual(body.collection[0]);
  for (const account of ['dave', 'bob']) {
    const as = await connect(url, account, scopes);
    expect((await call('GET', path, undefined, as)).status).toBe(403);
    expect((await call('GET', pathOf(body.collection[0].uri), undefined, as)).status).toBe(403);
  }
  expect((await call('GET', '/groups/x')).status).toBe(404);
  expect(details(await call('GET', '/groups'))).toEqual([400, ['organization']]);
});
