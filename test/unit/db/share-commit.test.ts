import { describe, expect, test } from 'vitest';
import { QueueFullError, shareCommit, type SharedCommitLimits } from '../../../src/db/share-commit.ts';

class Away extends Error {}

/** A commit that the test lets go on, one after the other. */
function heldCommits(
  limits: Partial<SharedCommitLimits<string>> = {},
  verdict: (items: readonly string[]) => Error | null = () => null,
) {
  const batches: string[][] = [];
  const gates: (() => void)[] = [];
  const shared = shareCommit<string, string>(
    async (items) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => void gates.push(resolve));
      const error = verdict(items);
      if (error !== null) throw error;
      return items.map((item) => `stored ${item}`);
    },
    {
      mostItems: 3,
      mostWeight: 100,
      mostWaiting: 6,
      mostWaitingWeight: 200,
      weigh: ({ length }) => length,
      failsForAll: (error) => error instanceof Away,
      ...limits,
    },
  );
  const add = (...items: string[]) => items.map((item) => shared.add(item).catch((error: unknown) => error));
  /** Lets commits go until all of these have an answer. */
  const finish = async (answers: Promise<unknown>[]) => {
    let done = false;
    const all = Promise.all(answers).finally(() => (done = true));
    while (!done) {
      gates.shift()?.();
      await new Promise(setImmediate);
    }
    return all;
  };
  return { batches, add, finish };
}

describe('a shared commit', () => {
  test('is begun at once, and takes along what came while the former one was under way', async () => {
    const { batches, add, finish } = heldCommits();
    expect(await finish(add('a', 'b', 'c', 'd', 'e'))).toEqual([
      'stored a',
      'stored b',
      'stored c',
      'stored d',
      'stored e',
    ]);
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    expect(await finish(add('f'))).toEqual(['stored f']);
  });

  test('holds no more than its weight, and one heavier item by itself', async () => {
    const { batches, add, finish } = heldCommits({ mostWeight: 4 });
    await finish(add('a', 'bb', 'cc', 'dddddd', 'e'));
    expect(batches).toEqual([['a'], ['bb', 'cc'], ['dddddd'], ['e']]);
  });

  test('that fails because of one item fails for that item alone', async () => {
    const { batches, add, finish } = heldCommits({}, (items) => (items.includes('bad') ? new Error('guilty') : null));
    expect(await finish(add('a', 'b', 'bad', 'c'))).toEqual(['stored a', 'stored b', new Error('guilty'), 'stored c']);
    expect(batches).toEqual([['a'], ['b', 'bad', 'c'], ['b'], ['bad', 'c'], ['bad'], ['c']]);
  });

  test('that fails for all fails for who waits as well, once, and the next one is tried', async () => {
    let isAway = true;
    const { batches, add, finish } = heldCommits({}, () => (isAway ? new Away() : null));
    expect(await finish(add('a', 'b', 'c', 'd', 'e'))).toEqual(Array.from({ length: 5 }, () => new Away()));
    expect(batches).toEqual([['a']]);
    isAway = false;
    expect(await finish(add('f'))).toEqual(['stored f']);
  });

  test('refuses what would wait behind too many or too much, and takes more once there is room', async () => {
    const { add, finish } = heldCommits({ mostWaitingWeight: 10 });
    const answers = await finish(add('a', '1', '2', '3', '4', '5', '6', '7'));
    expect(answers.map((answer) => answer instanceof QueueFullError)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    const heavy = await finish(add('a', 'xxxxxxxx', 'xxx', 'x'));
    expect(heavy.map((answer) => answer instanceof QueueFullError)).toEqual([false, false, true, false]);
    expect(await finish(add('b'))).toEqual(['stored b']);
  });
});
