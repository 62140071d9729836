import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { progressBar } from '../../../src/cli/progress-bar.ts';
import { waitFor } from '../../support/service/wait-for.ts';

function screenOf(isTTY: boolean) {
  const screen = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  let shown = '';
  screen.setEncoding('utf8').on('data', (text: string) => (shown += text));
  return { screen, shown: () => shown };
}

test('a bar on a terminal shows what is done, also past the end that was expected, and is taken away', async () => {
  const { screen, shown } = screenOf(true);
  const bar = progressBar(screen, 'tenants', 4);
  await waitFor(() => shown().includes('0 of 4 tenants'));
  bar.show(3);
  await waitFor(() => shown().includes('75 % · 3 of 4 tenants'));
  bar.show(5);
  await waitFor(() => shown().includes('100 % · 5 of 5 tenants'));
  bar.end();
  await waitFor(() => shown().endsWith('\u001b[2K'), { describe: 'an empty line' });
});

test('a pipe, and nothing to do, get no bar', () => {
  for (const [isTTY, total] of [
    [false, 4],
    [true, 0],
  ] as const) {
    const { screen, shown } = screenOf(isTTY);
    const bar = progressBar(screen, 'tenants', total);
    bar.show(1);
    bar.end();
    expect(shown()).toBe('');
  }
});
