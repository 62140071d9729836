import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../../support/service/open-inspector.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';

const PROXY = '127.0.0.7';
const STRANGER = '127.0.0.8';
let running: TestService;
beforeAll(async () => {
  running = await startTestService({
    env: {
      INSPECTOR_IDENTITY_HEADER: 'X-Forwarded-Email',
      INSPECTOR_IDENTITY_OPERATORS: 'ann@host.example, jörg@host.example',
      TRUSTED_PROXIES: `${PROXY}, 10.0.0.0/8`,
    },
  });
});
afterAll(() => running.stop());

interface Asked {
  from: string;
  headers?: Record<string, string | string[]>;
  form?: Record<string, string>;
}

/** A request whose connection comes from the given address of this machine. */
async function ask(path: string, { from, headers = {}, form }: Asked) {
  const { port } = new URL(running.url);
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    localAddress: from,
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'text/html',
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  });
  // As bytes: with a text, Node.js would write the headers as UTF-8, too.
  asked.end(form === undefined ? undefined : Buffer.from(new URLSearchParams(form).toString()));
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject);
  });
  return { status: answer.statusCode!, location: answer.headers.location, page: await text(answer) };
}

const through = (email: string | string[], more: object = {}): Asked => ({
  from: PROXY,
  headers: { 'x-forwarded-email': email, ...more },
});
const newest = async () => (await running.api('GET', '/v1/audit')).body.items[0];
/** From a page that has a form for everybody. */
async function formTokenOf(asked: Asked): Promise<string> {
  const { page } = await ask('/inspector/replay', asked);
  return /name="formToken" value="([^"]+)"/.exec(page)![1]!;
}

describe('a person whom the proxy has signed in', () => {
  test('is let in by the name that it gives, and has no logout here', async () => {
    const { status, page } = await ask('/inspector', through('ann@host.example'));
    expect(status).toBe(200);
    expect(page).toContain('ann@host.example');
    expect(page).not.toContain('/logout');
    const login = await ask('/inspector/login?next=%2Faudit', through('ann@host.example'));
    expect([login.status, login.location]).toEqual([303, './audit']);
  });

  test('acts under that name if it is in the list, also with letters that are not ASCII, and else only reads', async () => {
    await running.api('POST', '/v1/tenants/acme/connection/connect', { body: {} });
    const act = async (email: string) => {
      const name = Buffer.from(email).toString('latin1');
      const form = { formToken: await formTokenOf(through(name)) };
      return ask('/inspector/tenants/acme/commands/disconnect', { ...through(name), form });
    };
    expect((await act('vic@host.example')).status).toBe(403);
    expect(await newest()).toMatchObject({ actor: { name: 'vic@host.example' }, outcome: 'refused', address: PROXY });
    expect((await act('jörg@host.example')).status).toBeLessThan(400);
    expect(await newest()).toMatchObject({ actor: { kind: 'operator', name: 'jörg@host.example' }, outcome: 'done' });
  });

  test('changes nothing by a form of another person, or of another site', async () => {
    const formToken = await formTokenOf(through('ann@host.example'));
    const path = '/inspector/tenants/acme/commands/refresh';
    expect((await ask(path, { ...through('bob@host.example'), form: { formToken } })).status).toBe(403);
    const ofOther = through('ann@host.example', { 'sec-fetch-site': 'cross-site' });
    expect((await ask(path, { ...ofOther, form: { formToken } })).status).toBe(403);
  });
});

describe('the header is as good as absent', () => {
  test.each([
    ['from an address that is not trusted', { ...through('ann@host.example'), from: STRANGER }],
    [
      'from such an address that names a trusted one',
      { ...through('ann@host.example', { 'x-forwarded-for': PROXY }), from: STRANGER },
    ],
    ['given twice', through(['mallory@host.example', 'ann@host.example'])],
    ['that is empty', through(' ')],
    ['that is too long', through('a'.repeat(81))],
    ['that is no UTF-8', through('ann\xff')],
    ['with signs that cannot be seen', through('ann\u0085@host.example')],
  ])('%s', async (_, asked) => {
    const { status, location } = await ask('/inspector', asked);
    expect([status, location]).toEqual([303, 'inspector/login']);
  });
});

test('a name that was typed cannot be taken for one that the proxy gives', async () => {
  const form = { operator: 'ann@host.example', password: PASSWORD };
  expect((await ask('/inspector/login', { from: STRANGER, form })).status).toBe(303);
  expect(await newest()).toMatchObject({ action: 'login', actor: { name: 'ann@host.example (by password)' } });
});

test('wrong guesses are counted by the address that the proxy names, and by no other header', async () => {
  const guess = (from: string, forwarded: string) =>
    ask('/inspector/login', {
      from,
      headers: { 'x-forwarded-for': forwarded },
      form: { operator: 'Mallory', password: 'wrong-password' },
    });
  // What the client itself writes stands in front, and does not count.
  for (let n = 0; n < 10; n++) expect((await guess(PROXY, `192.0.2.${n}, 198.51.100.1, 10.9.9.9`)).status).toBe(401);
  expect((await guess(PROXY, '198.51.100.1')).status).toBe(429);
  expect((await guess(PROXY, '198.51.100.2')).status).toBe(401);
  expect(await newest()).toMatchObject({ action: 'login', outcome: 'refused', address: '198.51.100.2' });
  for (const [forwarded, address] of [
    ['198.51.100.9, fe80::1%eth0', 'fe80::1%eth0'],
    ['198.51.100.9, ::ffff:10.0.0.1', '198.51.100.9'],
    ['198.51.100.9, unknown', PROXY],
    [', ,', PROXY],
  ] as const) {
    await guess(PROXY, forwarded);
    expect((await newest()).address, forwarded).toBe(address);
  }
  await guess(STRANGER, '198.51.100.3');
  expect((await newest()).address).toBe(STRANGER);
});
