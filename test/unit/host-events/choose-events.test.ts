import { expect, test } from 'vitest';
import { chooseEvents } from '../../../src/host-events/choose-events.ts';
import type { DueEvent } from '../../../src/host-events/find-due-events.ts';
import { createPostSlots } from '../../../src/host-events/post-slots.ts';

let position = 0;
const due = (
  tenantId: string,
  { lanes, timedOut = false }: { lanes?: string[]; timedOut?: boolean } = {},
): DueEvent => {
  position++;
  return { id: String(position), position, tenantId, lanes: lanes ?? [`lane ${position}`], timedOut };
};
const slotsFor = (quick: number, share: number) => createPostSlots({ quick, slow: 0, share }, () => {});
const choose = (events: DueEvent[], slots = slotsFor(10, 3), tried: DueEvent[] = []) =>
  chooseEvents(events, { slots, tried: new Set(tried.map(({ id }) => id)) });

test('gives no tenant more than its share, what is in hand included', () => {
  const events = [due('a'), due('a'), due('a'), due('a'), due('b')];
  expect(choose(events)).toEqual([events[0], events[4], events[1], events[2]]);
  const slots = slotsFor(10, 3);
  slots.take('a')();
  const leave = [slots.take('a'), slots.take('a')];
  expect(choose(events, slots)).toEqual([events[4], events[0]]);
  for (const each of leave) each();
});

test('begins with tenants that have nothing in hand, and ends with what the host did not answer', () => {
  const events = [due('slow', { timedOut: true }), due('a'), due('a'), due('b')];
  expect(choose(events)).toEqual([events[1], events[3], events[2], events[0]]);
  expect(choose(events, slotsFor(2, 3))).toEqual([events[1], events[3]]);
});

test('takes the first of each lane, though it became due later, and nothing behind one that was passed over', () => {
  const [first, second, both, apart] = [
    due('a', { lanes: ['x'] }),
    due('a', { lanes: ['x'] }),
    due('a', { lanes: ['x', 'y'] }),
    due('a', { lanes: ['y'] }),
  ] as const;
  expect(choose([second, both, apart, first])).toEqual([first]);
  expect(choose([first, second, apart], slotsFor(10, 3), [first])).toEqual([apart]);
});
