import { expect, test } from 'vitest';
import { formerFields, meetingEventTypes } from '../../../src/host-events/meeting-event-types.ts';
import type { Meeting } from '../../../src/meetings/meeting.ts';

const meeting: Meeting = {
  id: 'm',
  eventUri: 'e',
  inviteeUri: 'i',
  status: 'active',
  name: 'Ann',
  email: 'ann@guest.example',
  startTime: null,
  endTime: null,
  timezone: null,
  location: { type: 'zoom' },
  joinUrl: null,
  cancelUrl: null,
  rescheduleUrl: null,
  rescheduledFrom: null,
  rescheduledTo: null,
  noShow: false,
  source: 'webhook',
  receivedAt: '2026-05-01T00:00:00Z',
  updatedAt: '2026-05-01T00:00:00Z',
};

test.each<[string, Partial<Meeting> | null, Partial<Meeting>, string[]]>([
  ['a booking', null, {}, ['meeting.created']],
  ['a booking first heard of when it is canceled', null, { status: 'canceled' }, ['meeting.canceled']],
  ['a booking first heard of by its no-show', null, { noShow: true }, ['meeting.created', 'meeting.no_show']],
  ['a cancellation', {}, { status: 'canceled' }, ['meeting.canceled']],
  ['a no-show', {}, { noShow: true }, ['meeting.no_show']],
  ['a no-show taken back', { noShow: true }, {}, ['meeting.updated']],
  ['another room', {}, { location: { type: 'physical' } }, ['meeting.updated']],
  [
    'nothing but a later word',
    {},
    { updatedAt: '2026-05-02T00:00:00Z', receivedAt: '2026-05-02T00:00:00Z', source: 'backfill' },
    [],
  ],
  [
    'the same in another order of keys',
    { location: { type: 'zoom', id: 1 } },
    { location: { id: 1, type: 'zoom' } },
    [],
  ],
])('%s', (_, before, after, types) => {
  expect(meetingEventTypes(before && { ...meeting, ...before }, { ...meeting, ...after })).toEqual(types);
});

test('shows the fields that differ as they were', () => {
  expect(formerFields(meeting, { ...meeting, name: 'Anna', updatedAt: 'later' })).toEqual({ name: 'Ann' });
});
