import { expect, test } from 'vitest';
import { shareByKey } from '../../../src/connection/commands/share-by-key.ts';

/** Work that ends when it is told to. */
function handWork() {
  const begun: { key: string; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const ask = shareByKey((key) => new Promise<string>((end, fail) => void begun.push({ key, end, fail })));
  return { begun, ask };
}

test('who asks at the same time shares one piece of work; who comes later shares the next, which begins after the first', async () => {
  const { begun, ask } = handWork();
  const first = [ask('a'), ask('a')];
  await Promise.resolve();
  expect(begun).toHaveLength(1);
  const later = [ask('a'), ask('a'), ask('a')];
  await Promise.resolve();
  expect(begun).toHaveLength(1);
  begun[0]!.end('one');
  expect(await Promise.all(first)).toEqual(['one', 'one']);
  await expect.poll(() => begun.length).toBe(2);
  begun[1]!.end('two');
  expect(await Promise.all(later)).toEqual(['two', 'two', 'two']);
});

test("keys do not wait for each other, and a failure is nobody else's", async () => {
  const { begun, ask } = handWork();
  const [a, b] = [ask('a'), ask('b')];
  await expect.poll(() => begun.map(({ key }) => key)).toEqual(['a', 'b']);
  const next = ask('a');
  begun[0]!.fail(new Error('no'));
  await expect(a).rejects.toThrow('no');
  await expect.poll(() => begun.length).toBe(3);
  begun[1]!.end('b');
  begun[2]!.end('again');
  expect([await b, await next]).toEqual(['b', 'again']);
});
