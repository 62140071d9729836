import { describe, expect, test } from 'vitest';
import { api, connect, receiverForTest, sandboxForTest, type Tokens } from '../../support/calendly/sandbox-for-test.ts';

const events = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'];
const guest = { account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' };

async function listening() {
  const sandbox = await sandboxForTest();
  const receiver = await receiverForTest();
  sandbox.controls.createSubscription({ account: 'alice', url: receiver.url, events });
  /** What was delivered since the last look. */
  const heard = async () => {
    await sandbox.controls.deliveries.idle();
    return receiver.received.splice(0).map(({ body }) => body);
  };
  return { ...sandbox, heard };
}

const pathOf = (uri: string) => new URL(uri).pathname;

describe('deliveries of a booking', () => {
  test('a reschedule is two deliveries: the old invitee canceled, a new one on a new event', async () => {
    const { controls, heard } = await listening();
    const old = controls.book(guest);
    await heard();
    const next = controls.reschedule({ invitee: old.inviteeUri, reason: 'Running late' });
    const bodies = await heard();
    const canceled = bodies.find(({ event }) => event === 'invitee.canceled').payload;
    const created = bodies.find(({ event }) => event === 'invitee.created').payload;
    expect(bodies).toHaveLength(2);
    expect(canceled).toMatchObject({
      uri: old.inviteeUri,
      status: 'canceled',
      rescheduled: true,
      new_invitee: next.inviteeUri,
      cancellation: { canceled_by: 'Gina Guest', canceler_type: 'invitee', reason: 'Running late' },
      scheduled_event: { status: 'canceled', invitees_counter: { total: 1, active: 0 } },
    });
    expect(created).toMatchObject({
      uri: next.inviteeUri,
      old_invitee: old.inviteeUri,
      rescheduled: false,
      status: 'active',
    });
    expect(created.event).not.toBe(canceled.event);
    expect(created.created_at > canceled.updated_at).toBe(true);
    expect(controls.meetings('alice')).toMatchObject([
      { status: 'canceled', rescheduledTo: next.inviteeUri },
      { status: 'active', rescheduledFrom: old.inviteeUri },
    ]);
  });

  test('in a group event one cancellation leaves the event on; the host cancels everyone', async () => {
    const { controls, heard } = await listening();
    const first = controls.book({ ...guest, inviteesLimit: 10 });
    const second = controls.book({ ...guest, name: 'Hugo', group: first.eventUri });
    controls.book({ ...guest, name: 'Ines', group: first.eventUri });
    expect(second.eventUri).toBe(first.eventUri);
    await heard();
    controls.cancel({ invitee: first.inviteeUri });
    const [one] = await heard();
    expect(one.payload).toMatchObject({
      status: 'canceled',
      scheduled_event: { status: 'active', invitees_counter: { total: 3, active: 2, limit: 10 } },
    });
    expect(one.payload.scheduled_event).not.toHaveProperty('cancellation');
    controls.cancel({ event: first.eventUri });
    const rest = await heard();
    expect(rest.map(({ payload }) => payload.name).sort()).toEqual(['Hugo', 'Ines']);
    for (const { payload } of rest) {
      expect(payload.cancellation).toMatchObject({ canceled_by: 'Alice Ardent', canceler_type: 'host', reason: '' });
      expect(payload.scheduled_event.status).toBe('canceled');
    }
  });

  test('a conference link is being made at first and pushed later', async () => {
    const { controls, heard } = await listening();
    const booked = controls.book(guest);
    const [created] = await heard();
    expect(created.payload.scheduled_event.location.status).toBe('processing');
    controls.clock.advance(10);
    controls.cancel({ invitee: booked.inviteeUri });
    const [canceled] = await heard();
    expect(canceled.payload.scheduled_event.location.status).toBe('pushed');
    expect(controls.meetings('alice')[0]!.location).toMatchObject({ type: 'google_conference', status: 'pushed' });
  });

  test('a no-show is marked and taken back, through the controls and through the API', async () => {
    const { url, controls, heard } = await listening();
    const tokens = await connect(url, 'alice');
    const booked = controls.book(guest);
    await heard();
    const { uri } = controls.markNoShow(booked.inviteeUri);
    const [marked] = await heard();
    expect([marked.event, marked.payload.no_show.uri]).toEqual(['invitee_no_show.created', uri]);
    expect((await api(url, tokens, 'GET', pathOf(uri))).body.resource.invitee).toBe(booked.inviteeUri);
    expect((await api(url, tokens, 'DELETE', pathOf(uri))).status).toBe(204);
    const [taken] = await heard();
    expect([taken.event, taken.payload.no_show]).toEqual(['invitee_no_show.deleted', null]);
    expect((await api(url, tokens, 'DELETE', pathOf(uri))).status).toBe(404);
    const early = await api(url, tokens, 'POST', '/invitee_no_shows', { invitee: booked.inviteeUri });
    expect([early.status, early.body.details]).toEqual([
      400,
      [{ message: 'Event is not started yet', parameter: 'base' }],
    ]);
    controls.clock.advance((Date.parse(booked.startTime) - controls.clock.now().getTime()) / 1000 + 1);
    const fresh = await connect(url, 'alice');
    const again = await api(url, fresh, 'POST', '/invitee_no_shows', { invitee: booked.inviteeUri });
    expect(again.status).toBe(201);
    expect(controls.meetings('alice')[0]!.noShow!.uri).toBe(again.body.resource.uri);
    const wrong = await api(url, fresh, 'POST', '/invitee_no_shows', { invitee: 'nobody' });
    expect(wrong.body.details).toEqual([{ message: 'is in invalid format', parameter: 'invitee' }]);
  });
});

describe('events in the API', () => {
  test('the API lists what was booked, for a back-fill: filtered, sorted and in pages', async () => {
    const { url, controls } = await listening();
    const tokens = await connect(url, 'alice');
    const times = ['2026-01-05T10:00:00Z', '2027-03-01T10:00:00Z', '2027-03-02T10:00:00Z', '2027-03-03T10:00:00Z'];
    const booked = times.map((startTime) => controls.book({ ...guest, startTime }));
    controls.book({ ...guest, account: 'dave' });
    controls.cancel({ invitee: booked[3]!.inviteeUri });
    const list = async (query: string) =>
      (await api(url, tokens, 'GET', `/scheduled_events?user=${tokens.owner}&${query}`)).body;
    const uris = (page: any) => page.collection.map((event: any) => event.uri);
    const first = await list('count=2&min_start_time=2027-01-01T00:00:00Z');
    expect(uris(first)).toEqual([booked[1]!.eventUri, booked[2]!.eventUri]);
    expect(
      uris(await list(`count=2&min_start_time=2027-01-01T00:00:00Z&page_token=${first.pagination.next_page_token}`)),
    ).toEqual([booked[3]!.eventUri]);
    expect(uris(await list('status=canceled'))).toEqual([booked[3]!.eventUri]);
    expect(uris(await list('max_start_time=2026-06-01T00:00:00Z'))).toEqual([booked[0]!.eventUri]);
    expect(uris(await list('min_start_time=2027-03-03T10:00:00Z'))).toEqual([booked[3]!.eventUri]);
    controls.switches.set({ minStartTime: 'exclusive' });
    expect(uris(await list('min_start_time=2027-03-03T10:00:00Z'))).toEqual([]);
    expect(uris(await list('sort=start_time:desc'))[0]).toBe(booked[3]!.eventUri);
    expect(uris(await list('invitee_email=nobody@guest.example'))).toEqual([]);
    expect(first.collection[0]).toMatchObject({
      calendar_event: { kind: 'google' },
      event_memberships: [{ user: tokens.owner }],
    });
    expect(Object.keys(first.collection[0])).toEqual(Object.keys(first.collection[0]).sort());
    const invitees = await api(url, tokens, 'GET', `${pathOf(booked[3]!.eventUri)}/invitees`);
    expect(invitees.body.collection).toMatchObject([
      { uri: booked[3]!.inviteeUri, status: 'canceled', name: 'Gina Guest' },
    ]);
    expect(invitees.body.collection[0]).not.toHaveProperty('scheduled_event');
    const one = await api(url, tokens, 'GET', pathOf(booked[3]!.inviteeUri));
    expect(one.body.resource).toEqual(invitees.body.collection[0]);
  });

  test('the API keeps events from those who may not see them', async () => {
    const { url, controls } = await listening();
    const [alice, dave, bob] = (await Promise.all(['alice', 'dave', 'bob'].map((slug) => connect(url, slug)))) as [
      Tokens,
      Tokens,
      Tokens,
    ];
    const booked = controls.book(guest);
    const davids = controls.book({ ...guest, account: 'dave' });
    const status = async (tokens: Tokens, path: string) => (await api(url, tokens, 'GET', path)).status;
    expect(await status(bob, pathOf(booked.eventUri))).toBe(403);
    expect(await status(dave, pathOf(booked.inviteeUri))).toBe(403);
    expect(await status(alice, pathOf(davids.eventUri))).toBe(200);
    expect(await status(dave, `/scheduled_events?organization=${dave.organization}`)).toBe(403);
    expect(await status(alice, `/scheduled_events?organization=${alice.organization}`)).toBe(200);
    const alone = await api(url, alice, 'GET', `/scheduled_events?user=${dave.owner}`);
    expect([alone.status, alone.body.message]).toEqual([
      403,
      'Please also specify organization when requesting events for a user within your organization.',
    ]);
    const neither = await api(url, alice, 'GET', '/scheduled_events');
    expect([neither.status, neither.body.details[0].parameter]).toEqual([400, 'user']);
  });

  test('the API cancels an event once, and not a past one', async () => {
    const { url, controls, heard } = await listening();
    const tokens = await connect(url, 'alice');
    const booked = controls.book(guest);
    await heard();
    const cancel = (uri: string) => api(url, tokens, 'POST', `${pathOf(uri)}/cancellation`, { reason: 'Ill' });
    const done = await cancel(booked.eventUri);
    expect([done.status, done.body.resource]).toEqual([
      201,
      { canceled_by: 'Alice Ardent', canceler_type: 'host', created_at: expect.any(String), reason: 'Ill' },
    ]);
    expect((await heard()).map(({ event }) => event)).toEqual(['invitee.canceled']);
    expect((await cancel(booked.eventUri)).body.message).toBe('Event is already canceled');
    const past = controls.book({ ...guest, startTime: '2026-01-05T10:00:00Z' });
    expect((await cancel(past.eventUri)).body.message).toBe('Event in the past');
  });
});

describe('other ways to book', () => {
  test('POST /invitees books with scheduling_method api, and refuses a time that is taken', async () => {
    const { url, heard } = await listening();
    const tokens = await connect(url, 'alice', 'event_types:read scheduled_events:write');
    const types = await api(url, tokens, 'GET', `/event_types?user=${tokens.owner}`);
    const body = {
      event_type: types.body.collection[0].uri,
      start_time: '2027-05-04T09:00:00Z',
      invitee: { name: 'Ivo', email: 'ivo@guest.example', timezone: 'Asia/Calcutta' },
    };
    const made = await api(url, tokens, 'POST', '/invitees', body);
    expect([made.status, made.body.resource.invitee]).toMatchObject([
      201,
      { name: 'Ivo', scheduling_method: 'api', timezone: 'Asia/Calcutta' },
    ]);
    expect((await heard())[0].payload.scheduling_method).toBe('api');
    const taken = await api(url, tokens, 'POST', '/invitees', body);
    expect([taken.status, taken.body.details]).toEqual([
      400,
      [{ code: 'already_filled', message: 'That start time has been filled', parameter: 'event.start_time' }],
    ]);
    const empty = await api(url, tokens, 'POST', '/invitees', {});
    expect(empty.body.details.map((detail: any) => detail.parameter)).toEqual(['event_type', 'start_time', 'invitee']);
  });

  test('an invitee books, reschedules and cancels on the pages', async () => {
    const { url, controls, heard } = await listening();
    const form = await (await fetch(`${url}/book/alice`)).text();
    const start = /name="start" required value="([^"]+)"/.exec(form)![1]!;
    const fields = new URLSearchParams({ name: 'Pia <b>Page</b>', email: 'pia@guest.example', start });
    const done = await fetch(`${url}/book/alice`, { method: 'POST', body: fields });
    const page = await done.text();
    expect([done.status, page.includes('Pia &#60;b&#62;Page')]).toEqual([201, true]);
    const [created] = await heard();
    expect(created.payload.cancel_url.startsWith(`${url}/cancellations/`)).toBe(true);
    expect((await fetch(`${url}/book/alice`, { method: 'POST', body: fields })).status).toBe(409);

    const choices = await (await fetch(created.payload.reschedule_url)).text();
    const later = [...choices.matchAll(/name="start" required value="([^"]+)"/g)][3]![1]!;
    const moved = await fetch(created.payload.reschedule_url, {
      method: 'POST',
      body: new URLSearchParams({ start: later }),
    });
    expect(moved.status).toBe(201);
    expect((await heard()).map(({ event }) => event).sort()).toEqual(['invitee.canceled', 'invitee.created']);

    const { cancelUrl } = controls.meetings('alice').at(-1)!;
    expect((await fetch(cancelUrl)).status).toBe(200);
    const off = await fetch(cancelUrl, { method: 'POST', body: new URLSearchParams({ reason: 'No need' }) });
    expect(off.status).toBe(200);
    expect((await heard())[0].payload.cancellation.reason).toBe('No need');
    expect((await fetch(cancelUrl)).status).toBe(409);
    expect((await fetch(`${url}/book/nobody`)).status).toBe(404);
    expect((await fetch(url)).status).toBe(200);
  });
});
