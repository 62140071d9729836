import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

test('gives back the first truthy value', async () => {
  let count = 0;
  expect(await waitFor(() => ++count === 3 && 'third')).toBe('third');
  expect(count).toBe(3);
});

test('a condition that throws is not met yet', async () => {
  let count = 0;
  expect(
    await waitFor(async () => {
      if (++count < 3) throw new Error('not yet');
      return count;
    }),
  ).toBe(3);
});

test('in the end it tells what it waited for and what it saw last', async () => {
  await expect(waitFor(() => null, { timeoutMs: 30, describe: 'a meeting' })).rejects.toThrow(
    'Waited 30 ms for a meeting: at last it was null',
  );
  const throws = () => Promise.reject(new Error('no such table'));
  await expect(waitFor(throws, { timeoutMs: 30 })).rejects.toThrow(/at last it threw Error: no such table/);
});
