import { describe, expect, test } from 'vitest';
import { observePageItem, observePayload } from '../../../src/meetings/observe.ts';
import { timestampOf } from '../../../src/meetings/timestamp.ts';
import { deliveryJson } from '../../support/calendly/delivery-fixtures.ts';

const perspective = {
  source: 'webhook',
  receivedAt: timestampOf(new Date('2026-05-01T00:00:00Z')),
} as const;
const parse = (envelope: any, more = {}) => observePayload(envelope, { ...perspective, ...more });

describe('observePayload', () => {
  test('reads a booking', () => {
    expect(parse(deliveryJson('invitee-created'))).toEqual({
      event: {
        uri: 'https://api.calendly.com/scheduled_events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01',
        part: {
          updatedAt: '2024-05-14T08:02:11.377903Z',
          status: 'active',
          name: 'Quarter of an hour',
          eventType: 'https://api.calendly.com/event_types/1f0e9d8c-7b6a-4594-8372-615a4b3c2d03',
          startTime: '2024-05-16T13:30:00.000000Z',
          endTime: '2024-05-16T13:45:00.000000Z',
          location: {
            join_url: 'https://calendly.com/events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01/google_meet',
            status: 'processing',
            type: 'google_conference',
          },
        },
      },
      meeting: {
        inviteeUri:
          'https://api.calendly.com/scheduled_events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01/invitees/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
        eventUri: 'https://api.calendly.com/scheduled_events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01',
        part: {
          updatedAt: '2024-05-14T08:02:11.407316Z',
          name: 'Ada Berg',
          email: 'ada@client.example',
          timezone: 'Asia/Calcutta',
          cancelUrl: 'https://calendly.com/cancellations/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
          rescheduleUrl: 'https://calendly.com/reschedulings/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
        },
        canceled: false,
        noShow: null,
        noShowTimes: { marked: null, removed: null },
        rescheduledFrom: null,
        rescheduledTo: null,
        first: { source: 'webhook', receivedAt: '2026-05-01T00:00:00.000000Z' },
      },
    });
  });

  test('reads a cancellation and both halves of a reschedule', () => {
    expect(parse(deliveryJson('invitee-canceled'))).toMatchObject({
      event: { part: { status: 'canceled' } },
      meeting: { canceled: true },
    });
    const [old, new_] = [parse(deliveryJson('reschedule-canceled'))!, parse(deliveryJson('reschedule-created'))!];
    expect(old.meeting).toMatchObject({
      canceled: true,
      rescheduledTo: new_.meeting.inviteeUri,
      rescheduledFrom: null,
    });
    expect(new_.meeting).toMatchObject({
      canceled: false,
      rescheduledFrom: old.meeting.inviteeUri,
      rescheduledTo: null,
    });
  });

  test('keeps an open kind of location as it is, and text of any script', () => {
    const { event, meeting } = parse(deliveryJson('zoom-created'))!;
    expect(event.part!.location).toEqual(deliveryJson('zoom-created').payload.scheduled_event.location);
    expect(meeting.part.name).toBe('Noor Zoë 渡辺');
  });

  test('reads what was sent in 2020', () => {
    const { event, meeting } = parse(deliveryJson('invitee-created-2020'))!;
    expect(event).toEqual({ uri: meeting.eventUri, part: null });
    expect(meeting.part).toMatchObject({
      name: 'Lee Old',
      email: 'lee@client.example',
      updatedAt: '2020-11-23T17:51:18.341657Z',
    });
  });

  test('needs an identity and nothing else', () => {
    const uri = 'https://api.calendly.com/scheduled_events/A/invitees/B';
    expect(parse({ event: 'invitee.created', payload: { uri } })!.meeting).toMatchObject({
      inviteeUri: uri,
      eventUri: 'https://api.calendly.com/scheduled_events/A',
      part: { updatedAt: '0001-01-01T00:00:00.000000Z', name: null },
    });
    expect(parse({ event: 'invitee.canceled', payload: { uri } })!.meeting.canceled).toBe(true);
    for (const payload of [
      undefined,
      null,
      [],
      'x',
      {},
      { uri: 7 },
      { uri: '' },
      { uri: 'https://elsewhere' },
      { uri: `${uri}${'x'.repeat(500)}` },
    ]) {
      expect(parse({ event: 'invitee.created', payload })).toBeNull();
    }
  });

  test('bears members of any type', () => {
    const fixture = deliveryJson('invitee-created');
    for (const odd of [null, 7, 'x', [], {}, true]) {
      const payload = Object.fromEntries(Object.keys(fixture.payload).map((key) => [key, odd]));
      const event = Object.fromEntries(Object.keys(fixture.payload.scheduled_event).map((key) => [key, odd]));
      const identified = {
        ...payload,
        uri: fixture.payload.uri,
        scheduled_event: { ...event, uri: fixture.payload.event },
      };
      expect(parse({ ...fixture, payload: identified })).not.toBeNull();
      expect(parse({ ...fixture, payload: { ...payload, uri: fixture.payload.uri } })).not.toBeNull();
    }
  });

  test('makes text storable', () => {
    const fixture = deliveryJson('invitee-created');
    fixture.payload.name = 'a\u0000b\ud800';
    fixture.payload.scheduled_event.location = { type: 'cus\u0000tom', 'k\u0000': ['\udfff'] };
    const { event, meeting } = parse(fixture)!;
    expect(meeting.part.name).toBe('a\ufffdb\ufffd');
    expect(event.part!.location).toEqual({ type: 'cus\ufffdtom', 'k\ufffd': ['\ufffd'] });
  });

  test('takes the time of a mark from the mark, and of its removal from the envelope', () => {
    const fixture = deliveryJson('invitee-created');
    const no_show = { uri: 'https://api.calendly.com/invitee_no_shows/N', created_at: '2024-05-16T14:00:00.300000Z' };
    const marked = { ...fixture, event: 'invitee_no_show.created', payload: { ...fixture.payload, no_show } };
    expect(parse(marked)!.meeting.noShow).toEqual({ at: no_show.created_at, uri: no_show.uri });
    const removed = { ...fixture, event: 'invitee_no_show.deleted', created_at: '2024-05-16T14:00:00.000000Z' };
    expect(parse(removed)!.meeting.noShow).toEqual({ at: '2024-05-16T14:00:00.999999Z', uri: null });
    expect(parse({ ...removed, event: 'invitee.canceled' })!.meeting.noShow).toBeNull();
  });
});

describe('observePageItem', () => {
  const requestedAt = new Date('2024-05-17T00:01:00Z');
  const fixture = deliveryJson('invitee-created').payload;
  const parseItem = (invitee: unknown, event: unknown = fixture.scheduled_event) =>
    observePageItem(event, invitee, { ...perspective, source: 'backfill', requestedAt });

  test('says of an invitee what its delivery says', () => {
    const delivered = parse(deliveryJson('invitee-created'))!;
    const { scheduled_event: _, ...invitee } = fixture;
    const { event, meeting } = parseItem(invitee)!;
    expect(event).toEqual(delivered.event);
    expect(meeting).toEqual({
      ...delivered.meeting,
      first: { ...delivered.meeting.first, source: 'backfill' },
      noShow: { at: '2024-05-17T00:00:00.000000Z', uri: null },
    });
  });

  test('takes a missing mark as evidence, less what clocks may differ, and a mark by its own time', () => {
    const uri = 'https://api.calendly.com/invitee_no_shows/N';
    const marked = { ...fixture, no_show: { uri, created_at: '2024-05-16T14:00:00.300000Z' } };
    expect(parseItem(marked)!.meeting.noShow).toEqual({ at: '2024-05-16T14:00:00.300000Z', uri });
    const { no_show: _, ...unknown } = fixture;
    expect(parseItem(unknown)!.meeting.noShow).toBeNull();
    expect(parseItem(null)).toBeNull();
    expect(parseItem({})).toBeNull();
  });
});
