import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/meetings/canonical-json.ts';
import { showMeeting } from '../../../src/meetings/meeting.ts';
import { mergeEvent, mergeMeeting } from '../../../src/meetings/merge.ts';
import type { EventState, MeetingState, Observation } from '../../../src/meetings/observation.ts';
import { observePageItem, observePayload } from '../../../src/meetings/observe.ts';
import { timestampOf } from '../../../src/meetings/timestamp.ts';
import { recordCalendly, type Recorded, type Recording } from '../../support/calendly/record-calendly.ts';

/** All that one delivery or page says. */
function observationsOf(step: Recorded): Observation[] {
  const receivedAt = timestampOf(step.at);
  if (step.kind === 'delivery')
    return [observePayload(JSON.parse(step.raw.toString()), { source: 'webhook', receivedAt })!];
  return step.invitees.map((invitee) =>
    observePageItem(step.event, invitee, { source: 'backfill', receivedAt, requestedAt: step.at })!,
  );
}

function meetingsAfter(steps: readonly Observation[][]) {
  const events = new Map<string, EventState>();
  const meetings = new Map<string, MeetingState>();
  for (const { event, meeting } of steps.flat()) {
    const [knownEvent, knownMeeting] = [events.get(event.uri), meetings.get(meeting.inviteeUri)];
    events.set(event.uri, knownEvent ? mergeEvent(knownEvent, event) : event);
    meetings.set(meeting.inviteeUri, knownMeeting ? mergeMeeting(knownMeeting, meeting) : meeting);
  }
  return [...meetings.values()]
    .map((meeting) => showMeeting(meeting.inviteeUri, events.get(meeting.eventUri)!, meeting))
    .sort((one, other) => (one.inviteeUri < other.inviteeUri ? -1 : 1));
}

const asCalendlyHasThem = ({ truth }: Recording) =>
  truth
    .map((meeting) => ({
      eventUri: meeting.eventUri,
      inviteeUri: meeting.inviteeUri,
      name: meeting.name,
      email: meeting.email,
      status: meeting.status === 'canceled' || meeting.eventStatus === 'canceled' ? 'canceled' : 'active',
      startTime: meeting.startTime,
      endTime: meeting.endTime,
      timezone: meeting.timezone,
      location: meeting.location,
      rescheduledFrom: meeting.rescheduledFrom,
      rescheduledTo: meeting.rescheduledTo,
      noShow: meeting.noShow !== null,
    }))
    .sort((one, other) => (one.inviteeUri < other.inviteeUri ? -1 : 1));

describe('what Calendly sent and what its API showed, recorded', () => {
  test('makes the same meetings in any order and with any repetition, deliveries and back-fill pages mixed', async () => {
    const recording = await recordCalendly();
    const steps = recording.steps.map(observationsOf);
    const kinds = Object.groupBy(recording.steps, ({ kind }) => kind);
    // Enough of both, and groups in it: else this would prove little.
    expect(kinds.delivery!.length).toBeGreaterThanOrEqual(18);
    expect(kinds.page!.length).toBeGreaterThanOrEqual(20);
    expect(
      Math.max(...[...Map.groupBy(recording.truth, ({ eventUri }) => eventUri).values()].map(({ length }) => length)),
    ).toBeGreaterThanOrEqual(4);

    const expected = meetingsAfter(steps);
    expect(expected).toMatchObject(asCalendlyHasThem(recording));
    const orders = fc
      .tuple(
        fc.shuffledSubarray(steps, { minLength: steps.length }),
        fc.array(fc.constantFrom(...steps), { maxLength: 40 }),
      )
      .chain(([order, again]) => fc.shuffledSubarray([...order, ...again], { minLength: order.length + again.length }));
    fc.assert(
      fc.property(orders, (order) => {
        expect(canonicalJson(meetingsAfter(order))).toBe(canonicalJson(expected));
      }),
      { numRuns: 300 },
    );
  });

  test('makes them whatever deliveries were missed, once the pages have been read after the last change', async () => {
    const recording = await recordCalendly();
    const last = recording.steps.at(-1)!.at.getTime();
    const [pages, before] = [
      recording.steps.filter(({ at }) => at.getTime() === last),
      recording.steps.filter(({ at }) => at.getTime() < last),
    ];
    const arrived = fc
      .tuple(fc.shuffledSubarray(before), fc.shuffledSubarray(pages, { minLength: pages.length }))
      .chain(([some, all]) => fc.shuffledSubarray([...some, ...all], { minLength: some.length + all.length }));
    fc.assert(
      fc.property(arrived, (order) => {
        expect(meetingsAfter(order.map(observationsOf))).toMatchObject(asCalendlyHasThem(recording));
      }),
      { numRuns: 200 },
    );
  });
});
