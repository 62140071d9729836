import { expect, test } from 'vitest';
import { createPostSlots } from '../../../src/host-events/post-slots.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('makes way for others when an attempt becomes slow, as long as there is room for slow ones', async () => {
  let heard = 0;
  const slots = createPostSlots({ quick: 2, slow: 3, share: 9 }, () => void heard++, 50);
  const leave = [slots.take('a'), slots.take('a')];
  expect(slots.free()).toBe(0);
  await waitFor(() => heard === 2);
  expect(slots.free()).toBe(2);
  leave.push(slots.take('b'), slots.take('c'));
  await waitFor(() => heard === 4);
  // Four are slow, and three may be: the fourth takes the place of a quick one.
  expect(slots.free()).toBe(1);
  leave[0]!();
  expect(slots.free()).toBe(2);
  for (const each of leave.slice(1)) each();
  expect([slots.free(), slots.heldBy('a'), heard]).toEqual([2, 0, 8]);
});

test('is given back whole by attempts that end in time', () => {
  const slots = createPostSlots({ quick: 2, slow: 0, share: 9 }, () => {});
  const leave = [slots.take('a'), slots.take('b')];
  expect(slots.free()).toBe(0);
  for (const each of leave) each();
  expect(slots.free()).toBe(2);
});

test('names the tenants that have their share in hand', () => {
  const slots = createPostSlots({ quick: 9, slow: 9, share: 2 }, () => {});
  const leave = [slots.take('a'), slots.take('b'), slots.take('a')];
  expect([slots.fullTenants(), slots.heldBy('a'), slots.heldBy('b'), slots.heldBy('c')]).toEqual([['a'], 2, 1, 0]);
  leave.pop()!();
  expect(slots.fullTenants()).toEqual([]);
  for (const each of leave) each();
});
