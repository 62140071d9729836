import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/meetings/canonical-json.ts';
import { showMeeting } from '../../../src/meetings/meeting.ts';
import { isNewsOf, mergeEvent, mergeMeeting } from '../../../src/meetings/merge.ts';
import type { EventState, MeetingState, Observation } from '../../../src/meetings/observation.ts';
import { observePageItem, observePayload } from '../../../src/meetings/observe.ts';
import { timestampOf, type Timestamp } from '../../../src/meetings/timestamp.ts';
import { deliveryJson } from '../../support/calendly/delivery-fixtures.ts';

/** What applying observations one after the other leaves behind. */
function applyAll(observations: readonly Observation[]) {
  const events = new Map<string, EventState>();
  const meetings = new Map<string, MeetingState>();
  for (const { event, meeting } of observations) {
    const [knownEvent, knownMeeting] = [events.get(event.uri), meetings.get(meeting.inviteeUri)];
    events.set(event.uri, knownEvent ? mergeEvent(knownEvent, event) : event);
    meetings.set(meeting.inviteeUri, knownMeeting ? mergeMeeting(knownMeeting, meeting) : meeting);
  }
  return { events, meetings };
}
const rows = (observations: readonly Observation[]) => {
  const { events, meetings } = applyAll(observations);
  return canonicalJson([Object.fromEntries(events), Object.fromEntries(meetings)]);
};

// Few different values, so that ties and collisions are common
const few = <T>(...values: T[]) => fc.constantFrom(...values);
const time = few(...['00', '01', '02', '03'].map((second) => `2026-03-01T12:00:${second}.000001Z` as Timestamp));
const eventPart = fc.record({
  updatedAt: time,
  status: few('active', 'canceled', null),
  name: few('Intro', 'Demo', null),
  eventType: fc.constant(null),
  startTime: fc.option(time),
  endTime: fc.option(time),
  location: few(
    null,
    { type: 'google_conference', status: 'processing' },
    { status: 'pushed', type: 'google_conference' },
    { type: 'x', join_url: null },
    { type: 'x' },
    { type: 'x', deep: [null, { b: 1, a: 2 }] },
  ),
});
const observation: fc.Arbitrary<Observation> = few('E1', 'E2').chain((eventUri) =>
  fc.record({
    event: fc.record({ uri: fc.constant(eventUri), part: fc.option(eventPart) }),
    meeting: fc.record({
      inviteeUri: few(`${eventUri}/I1`, `${eventUri}/I2`, `${eventUri}/I3`),
      eventUri: fc.constant(eventUri),
      part: fc.record({
        updatedAt: time,
        name: few('Ada', 'Bo', null),
        email: few('a@x', null),
        timezone: fc.constant(null),
        cancelUrl: few('c', null),
        rescheduleUrl: fc.constant(null),
      }),
      canceled: fc.boolean(),
      noShow: fc.option(fc.record({ at: time, uri: few('N1', 'N2', null) })),
      noShowTimes: fc.record({ marked: fc.option(time), removed: fc.option(time) }),
      rescheduledFrom: few('E0/I0', 'E0/I9', null),
      rescheduledTo: few('E3/I0', null),
      first: fc.record({ source: few('webhook', 'backfill', 'polling'), receivedAt: time }),
    }),
  }),
);

describe('the merge', () => {
  test('gives the same rows for any order and any repetition of group bookings', () => {
    const shuffled = fc
      .array(observation, { minLength: 1, maxLength: 8 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(few(...all), { maxLength: 6 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([all, order, repeated]) => {
        expect(rows([...repeated, ...order, ...repeated])).toBe(rows(all));
      }),
      { numRuns: 500 },
    );
  });

  test('never lets updatedAt go back, and shows the same one for any order', () => {
    // Marks, removals and pages without a mark, as they are read.
    const noShow = fc.oneof(
      time.map((at) => ({ noShow: { at, uri: 'N1' }, noShowTimes: { marked: at, removed: null } })),
      time.map((at) => ({ noShow: { at, uri: null }, noShowTimes: { marked: null, removed: at } })),
      time.map((at) => ({ noShow: { at, uri: null }, noShowTimes: { marked: null, removed: null } })),
      fc.constant({ noShow: null, noShowTimes: { marked: null, removed: null } }),
    );
    const seen = fc.tuple(observation, noShow).map(([{ event, meeting }, marks]): Observation => ({
      event: { ...event, uri: 'E' },
      meeting: { ...meeting, ...marks, inviteeUri: 'I', eventUri: 'E' },
    }));
    const shown = (all: readonly Observation[]) => {
      const times: string[] = [];
      let state: Observation | null = null;
      for (const each of all) {
        state =
          state === null
            ? each
            : { event: mergeEvent(state.event, each.event), meeting: mergeMeeting(state.meeting, each.meeting) };
        times.push(showMeeting('id', state.event, state.meeting).updatedAt);
      }
      return times;
    };
    const orders = fc
      .array(seen, { minLength: 1, maxLength: 6 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(orders, ([all, order]) => {
        expect(shown(all)).toEqual(shown(all).toSorted());
        expect(shown(order).at(-1)).toBe(shown(all).at(-1));
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes a missing mark for news only where there was one', () => {
    fc.assert(
      fc.property(observation, time, ({ meeting }, at) => {
        const seen = mergeMeeting(meeting, { ...meeting, noShow: { at, uri: null } });
        const isGone = meeting.noShow?.uri != null && seen.noShow?.uri == null;
        expect(isNewsOf(meeting, seen)).toBe(isGone);
        expect(isNewsOf(meeting, meeting)).toBe(false);
        expect(isNewsOf(meeting, { ...meeting, canceled: !meeting.canceled })).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is commutative, associative and idempotent', () => {
    const same = fc.tuple(observation, observation, observation).map(
      (all) =>
        all.map(({ event, meeting }) => ({
          event: { ...event, uri: 'E' },
          meeting: { ...meeting, inviteeUri: 'I', eventUri: 'E' },
        })) as [Observation, Observation, Observation],
    );
    fc.assert(
      fc.property(same, ([a, b, c]) => {
        const [ab, ba] = [mergeMeeting(a.meeting, b.meeting), mergeMeeting(b.meeting, a.meeting)];
        expect(canonicalJson(ab)).toBe(canonicalJson(ba));
        expect(canonicalJson(mergeMeeting(ab, c.meeting))).toBe(
          canonicalJson(mergeMeeting(a.meeting, mergeMeeting(b.meeting, c.meeting))),
        );
        expect(mergeMeeting(a.meeting, a.meeting)).toEqual(a.meeting);
        expect(mergeMeeting(ab, b.meeting)).toEqual(ab);
        const [eventAb, eventBa] = [mergeEvent(a.event, b.event), mergeEvent(b.event, a.event)];
        expect(canonicalJson(eventAb)).toBe(canonicalJson(eventBa));
        expect(canonicalJson(mergeEvent(eventAb, c.event))).toBe(
          canonicalJson(mergeEvent(a.event, mergeEvent(b.event, c.event))),
        );
        expect(mergeEvent(a.event, a.event)).toEqual(a.event);
      }),
      { numRuns: 500 },
    );
  });

  const perspective = { source: 'webhook', receivedAt: timestampOf(new Date(0)) } as const;
  const observe = (envelope: any) => observePayload(envelope, perspective)!;
  const change = (envelope: any, payload: object, event: object = {}) => ({
    ...envelope,
    payload: { ...envelope.payload, ...payload, scheduled_event: { ...envelope.payload.scheduled_event, ...event } },
  });
  const created = deliveryJson('invitee-created');
  const only = (...observations: Observation[]) => {
    const { events, meetings } = applyAll(observations);
    return { event: [...events.values()][0]!, meeting: [...meetings.values()][0]! };
  };

  test('keeps a meeting canceled when its booking comes late', () => {
    const canceled = observe(deliveryJson('invitee-canceled'));
    for (const order of [
      [observe(created), canceled],
      [canceled, observe(created)],
    ]) {
      const { event, meeting } = only(...order);
      expect(meeting.canceled).toBe(true);
      expect(event.part).toMatchObject({ status: 'canceled', location: { status: 'pushed' } });
    }
    const newer = observe(change(created, { updated_at: '2030-01-01T00:00:00.000000Z', status: 'active' }));
    expect(only(canceled, newer).meeting.canceled).toBe(true);
  });

  test('tells changes a microsecond apart, and merges each part by its own clock', () => {
    const one = observe(
      change(
        created,
        { updated_at: '2024-05-14T08:02:11.407317Z', name: 'Newer' },
        { updated_at: '2024-05-14T08:02:11.377902Z', name: 'Older' },
      ),
    );
    const { event, meeting } = only(observe(created), one);
    expect(meeting.part.name).toBe('Newer');
    expect(event.part!.name).toBe('Quarter of an hour');
  });

  test('shares the event among its invitees and cancels only who canceled', () => {
    const bo = observe(
      change(
        deliveryJson('invitee-canceled'),
        { uri: `${created.payload.event}/invitees/bo` },
        { status: 'active', start_time: '2024-05-20T10:00:00.000000Z' },
      ),
    );
    const { events, meetings } = applyAll([bo, observe(created)]);
    expect(events.size).toBe(1);
    expect(only(bo, observe(created)).event.part).toMatchObject({
      status: 'active',
      startTime: '2024-05-20T10:00:00.000000Z',
    });
    expect([...meetings.values()].map(({ canceled }) => canceled)).toEqual([true, false]);
  });

  test('takes the location that is further along when nothing else tells two versions apart', () => {
    const location = { ...created.payload.scheduled_event.location, status: 'pushed' };
    const pushed = observe(change(created, {}, { location }));
    for (const order of [
      [observe(created), pushed],
      [pushed, observe(created)],
    ])
      expect(only(...order).event.part!.location).toEqual(location);
  });

  test('prefers a value to its absence when two versions have the same time', () => {
    const without = observe(change(created, { email: null, timezone: undefined }));
    for (const order of [
      [observe(created), without],
      [without, observe(created)],
    ])
      expect(only(...order).meeting.part).toMatchObject({ email: 'ada@client.example' });
  });

  test('follows a no-show through mark, removal and a second mark, in any order', () => {
    const mark = (id: string, at: string) =>
      observe({ ...change(created, { no_show: { uri: id, created_at: at } }), event: 'invitee_no_show.created' });
    const removal = observe({
      ...created,
      event: 'invitee_no_show.deleted',
      created_at: '2024-05-16T14:00:09.000000Z',
    });
    const [first, second] = [mark('N1', '2024-05-16T14:00:09.200000Z'), mark('N2', '2024-05-16T15:00:00.000001Z')];
    expect(only(removal, observe(created), first).meeting.noShow!.uri).toBeNull();
    expect(only(first, removal, observe(deliveryJson('invitee-canceled'))).meeting.noShow!.uri).toBeNull();
    expect(only(second, removal, first).meeting.noShow!.uri).toBe('N2');
    const page = (requestedAt: string) =>
      observePageItem(created.payload.scheduled_event, created.payload, {
        ...perspective,
        requestedAt: new Date(requestedAt),
      })!;
    expect(only(page('2024-05-16T16:00:00Z'), second).meeting.noShow!.uri).toBeNull();
    expect(only(page('2024-05-16T14:30:00Z'), second).meeting.noShow!.uri).toBe('N2');
  });

  test('never clears the links of a reschedule', () => {
    const moved = observe(deliveryJson('reschedule-created'));
    const later = observe(
      change(deliveryJson('reschedule-created'), { old_invitee: null, updated_at: '2030-01-01T00:00:00.000000Z' }),
    );
    expect(only(moved, later).meeting.rescheduledFrom).toBe(moved.meeting.rescheduledFrom);
  });

  test('remembers who brought a meeting first, whoever is applied first', () => {
    const webhook = observe(created);
    const backfill: Observation = {
      ...webhook,
      meeting: { ...webhook.meeting, first: { source: 'backfill', receivedAt: timestampOf(new Date(1)) } },
    };
    for (const order of [
      [webhook, backfill],
      [backfill, webhook],
    ])
      expect(only(...order).meeting.first.source).toBe('webhook');
  });
});
