import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { leakedSince, openHandles } from './open-handles.ts';
import { waitFor } from '../service/wait-for.ts';

test('an open server, a running child and a timer are leaks until they are closed', async () => {
  const before = openHandles();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const child = spawn('sleep', ['60']);
  const timer = setTimeout(() => {}, 60_000);
  expect(leakedSince(before)).toEqual(
    expect.arrayContaining(['TCPServerWrap × 1', 'ProcessWrap × 1', expect.stringMatching(/^Timeout × /)]),
  );

  server.close();
  child.kill();
  clearTimeout(timer);
  await waitFor(() => leakedSince(before).length === 0, { describe: 'everything to be closed' });
});
