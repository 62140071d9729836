import { expect, test } from 'vitest';
import { createRoom } from '../../../src/host-events/room.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('makes way for others when an attempt becomes slow, as long as there is room for slow ones', async () => {
  let heard = 0;
  const room = createRoom({ quick: 2, slow: 3, share: 9 }, () => void heard++, 50);
  const leave = [room.enter('a'), room.enter('a')];
  expect(room.free()).toBe(0);
  await waitFor(() => heard === 2);
  expect(room.free()).toBe(2);
  leave.push(room.enter('b'), room.enter('c'));
  await waitFor(() => heard === 4);
  // Four are slow, and three may be: the fourth takes the place of a quick one.
  expect(room.free()).toBe(1);
  leave[0]!();
  expect(room.free()).toBe(2);
  for (const each of leave.slice(1)) each();
  expect([room.free(), room.of('a'), heard]).toEqual([2, 0, 8]);
});

test('is given back whole by attempts that end in time', () => {
  const room = createRoom({ quick: 2, slow: 0, share: 9 }, () => {});
  const leave = [room.enter('a'), room.enter('b')];
  expect(room.free()).toBe(0);
  for (const each of leave) each();
  expect(room.free()).toBe(2);
});

test('names the tenants that have their share in hand', () => {
  const room = createRoom({ quick: 9, slow: 9, share: 2 }, () => {});
  const leave = [room.enter('a'), room.enter('b'), room.enter('a')];
  expect([room.fullTenants(), room.of('a'), room.of('b'), room.of('c')]).toEqual([['a'], 2, 1, 0]);
  leave.pop()!();
  expect(room.fullTenants()).toEqual([]);
  for (const each of leave) each();
});
