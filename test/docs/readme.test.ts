import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeBlocks } from '../support/guards/code-blocks.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import { startDemo, type RunningDemo } from '../support/service/start-demo.ts';
import { waitFor } from '../support/service/wait-for.ts';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
/** Fails on an answer that is an error, and ends each answer with a line of its own. */
const STRICT = `set -eu -o pipefail; curl() { command curl --fail-with-body -w '\\n' "$@"; }\n`;

let demo: RunningDemo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

async function run(block: string, more: Record<string, string> = {}): Promise<Record<string, any>[]> {
  const { stdout } = await promisify(execFile)('bash', ['-c', STRICT + block], {
    env: { PATH: process.env['PATH'] ?? '', BASE: demo.url, KEY: demo.apiKey, SANDBOX: demo.sandbox.url, ...more },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the curl examples work as they stand, one after the other', async () => {
  const blocks = codeBlocks(README, 'sh').filter((block) => block.includes('curl '));
  expect(blocks).toHaveLength(7);
  const [connect, complete, show, book, token, look, disconnect] = blocks as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  const [asked] = await run(connect);
  expect(asked).toMatchObject({
    authorizeUrl: expect.stringContaining(demo.sandbox.url),
    connection: { state: 'authorizing' },
  });
  const back = await giveConsent(asked!['authorizeUrl'], 'alice');
  const ticket = new URL(back.headers.get('location')!).searchParams.get('ticket')!;
  expect(await run(complete, { TICKET: ticket })).toMatchObject([{ calendly: 'connected' }]);

  expect(await run(show)).toMatchObject([
    { state: 'connected', account: { email: 'alice@ardent.example' }, lastError: null, debts: [] },
  ]);
  await run(book);
  const meetings = codeOf(book, '/meetings');
  await waitFor(async () => (await run(meetings))[0]?.['items'].length === 1, {
    describe: 'the meeting that the example booked',
  });
  expect(await run(meetings)).toMatchObject([{ items: [{ name: 'Gina Guest' }] }]);
  expect(await run(token)).toMatchObject([{ accessToken: expect.any(String), expiresAt: expect.any(String) }]);
  expect(await run(connect)).toMatchObject([{ authorizeUrl: null, connection: { state: 'connected' } }]);
  expect(await run(look)).toMatchObject([{ items: expect.any(Array) }, { items: expect.any(Array) }]);
  expect(await run(disconnect)).toMatchObject([{ connection: { state: 'disconnected' }, debts: [] }]);
});

const codeOf = (block: string, path: string): string => block.split('\n').find((line) => line.includes(path)) ?? '';

test('the two commands are there, word for word', () => {
  expect(README).toContain('```sh\nnpm ci && npm start\n```');
  expect(README).toContain('```sh\nnpm ci && npm test\n```');
});
