import { afterAll, beforeAll, expect, test } from 'vitest';
import { problems } from '../../../src/errors.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import {
  API_KEY,
  request,
  startTestService,
  type Answer,
  type TestService,
} from '../../support/service/start-test-service.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService();
  await connectTenant(running, 'known', 'alice');
  // From here on nothing changes by itself.
  await waitFor(async () =>
    (await running.api('GET', '/v1/tenants/known/history')).body.items.some(
      (item: { event?: { type: string } }) => item.event?.type === 'backfill.completed',
    ),
  );
});
afterAll(() => running.stop());

const tenant = '/v1/tenants/known';
const connect = `${tenant}/connection/connect`;

/** A problem document with this code, and nothing of ours behind it. */
function expectProblem({ status, headers, body }: Answer, code: keyof typeof problems): void {
  expect({ status, code: body.code, type: headers.get('content-type') }).toEqual({
    status: problems[code].status,
    code,
    type: expect.stringContaining('application/problem+json'),
  });
  expect(body).toMatchObject({ status, title: problems[code].title, type: expect.any(String) });
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts\b|select |insert /);
}

/** Rows of every connection and note: what must not change when a request is refused. */
async function written(): Promise<unknown> {
  const { db } = running.database;
  return {
    connections: await db.selectFrom('connection').select(['tenant_id', 'version']).orderBy('tenant_id').execute(),
    history: await db
      .selectFrom('history')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirst(),
    attempts: await db.selectFrom('consent_attempt').selectAll().execute(),
  };
}

const raw = (method: string, path: string, body: string | undefined, headers: Record<string, string> = {}) =>
  fetch(`${running.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...headers },
    ...(body === undefined ? {} : { body }),
  }).then(async (response): Promise<Answer> => {
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
  });

test.each([
  ['no header', {}],
  ['a wrong key', { authorization: 'Bearer wrong-key-of-somebody' }],
  ['a key that ours begins with', { authorization: `Bearer ${API_KEY.slice(0, -1)}` }],
  ['a key that begins with ours', { authorization: `Bearer ${API_KEY}x` }],
  ['another scheme', { authorization: `Basic ${Buffer.from(`:${API_KEY}`).toString('base64')}` }],
  ['the bare key', { authorization: API_KEY }],
  ['an empty key', { authorization: 'Bearer ' }],
])('without a valid key (%s) nothing under /v1 is answered', async (_, headers) => {
  const before = await written();
  const routes: [string, string][] = [
    ['GET', '/v1/tenants'],
    ['GET', `${tenant}/connection`],
    ['GET', `${tenant}/access-token`],
    ['GET', `${tenant}/meetings`],
    ['GET', `${tenant}/history`],
    ['GET', `${tenant}/exchanges`],
    ['GET', `${tenant}/deliveries`],
    ['POST', connect],
    ['POST', `${tenant}/connection/refresh`],
    ['POST', `${tenant}/connection/resync`],
    ['POST', `${tenant}/connection/retry`],
    ['POST', `${tenant}/connection/confirm-account`],
    ['DELETE', `${tenant}/connection`],
    ['DELETE', tenant],
  ];
  // Wrong keys are counted and slowed down, 30 a minute: each kind of them is tried at three routes only.
  const tried = 'authorization' in headers ? routes.filter(([, path]) => [connect, tenant].includes(path)) : routes;
  for (const [method, path] of tried) {
    const answer = await request(`${running.url}${path}`, method, undefined, headers as Record<string, string>);
    expectProblem(answer, 'api_key_required');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  }
  expect(await written()).toEqual(before);
});

test.each([
  ['a slash', 'a%2Fb'],
  ['a space', 'a%20b'],
  ['an umlaut', '%C3%A4'],
  ['a NUL', 'a%00'],
  ['a quote', "a'b"],
  ['a percent sign', '%25'],
  ['129 characters', 'a'.repeat(129)],
  ['600 characters', 'a'.repeat(600)],
  ['4000 characters', 'a'.repeat(4000)],
  ['a newline', 'a%0A'],
  ['a broken escape', '%zz'],
  ['half a character', '%C3'],
])('a tenant id with %s is a 400 on every route', async (_, id) => {
  const before = await written();
  for (const [method, path] of [
    ['GET', 'connection'],
    ['POST', 'connection/connect'],
    ['DELETE', 'connection'],
    ['GET', 'access-token'],
    ['GET', 'meetings'],
  ] as const) {
    expectProblem(await running.api(method, `/v1/tenants/${id}/${path}`), 'request_invalid');
  }
  expectProblem(await running.api('DELETE', `/v1/tenants/${id}`), 'request_invalid');
  expect(await written()).toEqual(before);
});

test('tenant ids of 1 to 128 characters of the alphabet are accepted', async () => {
  for (const id of ['a', 'Az09._:-', '-', 'a'.repeat(128), 'constructor', '__proto__']) {
    expect(await running.api('POST', `/v1/tenants/${id}/connection/connect`)).toMatchObject({
      status: 200,
      body: { connection: { tenantId: id } },
    });
    expect((await running.api('GET', `/v1/tenants/${id}/connection`)).body).toMatchObject({
      tenantId: id,
      state: 'authorizing',
    });
  }
});

test('a tenant that was never seen is a 404, but for connect and DELETE', async () => {
  const nobody = '/v1/tenants/nobody';
  for (const path of ['connection', 'access-token', 'meetings', 'history', 'exchanges', 'deliveries']) {
    expectProblem(await running.api('GET', `${nobody}/${path}`), 'tenant_unknown');
  }
  for (const command of ['refresh', 'resync', 'retry'])
    expectProblem(await running.api('POST', `${nobody}/connection/${command}`), 'tenant_unknown');
  expectProblem(
    await running.api('POST', `${nobody}/connection/confirm-account`, { body: { accept: true, accountUri: 'x' } }),
    'tenant_unknown',
  );
  for (const path of [`${nobody}/connection`, nobody]) {
    const { status, body } = await running.api('DELETE', path);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { debts: [], connection: { tenantId: 'nobody', state: 'disconnected', substate: 'idle' } },
    });
  }
  expectProblem(await running.api('GET', `${nobody}/connection`), 'tenant_unknown');
});

test.each([
  ['GET', '/nothing'],
  ['GET', '/v1/nothing'],
  ['PUT', connect],
  ['GET', connect],
  ['PATCH', `${tenant}/connection`],
  ['POST', '/oauth/callback'],
  ['GET', '/webhooks/calendly/x'],
  ['POST', `${tenant}/connection/explode`],
  ['DELETE', '/v1/tenants'],
])('%s %s answers nothing but a problem', async (method, path) => {
  expectProblem(await running.api(method, path), 'not_found');
});

test.each([
  ['text that is no JSON', '{"returnTo":'],
  ['a list', '[]'],
  ['a list of a body', '[{}]'],
  ['a number', '0'],
  ['false', 'false'],
  ['an empty text', '""'],
  ['a text', '"connect"'],
  ['an unknown field', '{"returnto":"http://127.0.0.1/"}'],
  ['a boolean as text', '{"switchAccount":"true"}'],
  ['a boolean as number', '{"switchAccount":1}'],
  ['a null as boolean', '{"switchAccount":null}'],
  ['a list as text', '{"returnTo":["http://127.0.0.1/"]}'],
  ['a number as text', '{"returnTo":5}'],
  ['a prototype', '{"__proto__":{"switchAccount":true}}'],
])('a connect body that is %s is a 400 and changes nothing', async (_, body) => {
  const before = await written();
  expectProblem(await raw('POST', connect, body, { 'content-type': 'application/json' }), 'request_invalid');
  expect(await written()).toEqual(before);
});

test.each([
  ['nothing', undefined],
  ['no answer', '{"accountUri":"x"}'],
  ['no account', '{"accept":true}'],
  ['an answer as text', '{"accept":"true","accountUri":"x"}'],
  ['an empty account', '{"accept":true,"accountUri":""}'],
  ['a NUL', '{"accept":true,"accountUri":"\\u0000"}'],
  ['half a character', '{"accept":true,"accountUri":"\\ud800"}'],
  ['far too much', `{"accept":true,"accountUri":"${'x'.repeat(100_000)}"}`],
  ['an unknown field', '{"accept":true,"accountUri":"x","force":true}'],
])('a confirmation with %s is a 400 and changes nothing', async (_, body) => {
  const before = await written();
  expectProblem(
    await raw(
      'POST',
      `${tenant}/connection/confirm-account`,
      body,
      body === undefined ? {} : { 'content-type': 'application/json' },
    ),
    'request_invalid',
  );
  expect(await written()).toEqual(before);
});

test('bodies of other media types are a 415, too large ones a 413', async () => {
  const before = await written();
  expectProblem(
    await raw('POST', connect, 'switchAccount=true', { 'content-type': 'application/x-www-form-urlencoded' }),
    'media_type_unsupported',
  );
  expectProblem(await raw('POST', connect, '<a/>', { 'content-type': 'text/xml' }), 'media_type_unsupported');
  expectProblem(
    await raw('POST', connect, `{"returnTo":"${'x'.repeat(1_100_000)}"}`, { 'content-type': 'application/json' }),
    'body_too_large',
  );
  expect(await written()).toEqual(before);
});

test('a media type without a body is no body: many clients name one on every request', async () => {
  const json = { 'content-type': 'application/json' };
  expect((await raw('POST', connect, undefined, json)).status).toBe(200);
  expect((await raw('POST', connect, '', json)).status).toBe(200);
  expect((await raw('POST', `${tenant}/connection/resync`, '', json)).status).toBe(202);
  expect((await raw('DELETE', '/v1/tenants/nobody/connection', undefined, json)).status).toBe(200);
});

test.each([
  ['meetings', 'limit=0'],
  ['meetings', 'limit=101'],
  ['meetings', 'limit=ten'],
  ['meetings', 'limit='],
  ['meetings', 'limit=1&limit=2'],
  ['meetings', 'limit=1.5'],
  ['meetings', 'status=gone'],
  ['meetings', 'from=yesterday'],
  ['meetings', 'to=2026-02-30T00:00:00Z'],
  ['meetings', 'page=2'],
  ['meetings', 'from=2026-01-01'],
  ['history', 'limit=-1'],
  ['exchanges', 'limit=1000'],
  ['deliveries', 'since=1'],
  ['history', 'cursor='],
])('%s?%s is a 400', async (list, query) => {
  expectProblem(await running.api('GET', `${tenant}/${list}?${query}`), 'request_invalid');
});

const cursor = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

test.each([
  ['meetings', 'x'],
  ['meetings', cursor(5)],
  ['meetings', cursor(['2026', 'x'])],
  ['history', cursor('5')],
  ['history', cursor(-1)],
  ['history', cursor(1e300)],
  ['exchanges', cursor(['not a time', '00000000-0000-0000-0000-000000000000'])],
  ['exchanges', cursor([1e300, '00000000-0000-0000-0000-000000000000'])],
  ['exchanges', cursor(['0000-01-01T00:00:00Z', '00000000-0000-0000-0000-000000000000'])],
  ['deliveries', cursor({})],
  ['deliveries', 'a'.repeat(1001)],
])('%s refuses a forged cursor (%$)', async (list, forged) => {
  expectProblem(await running.api('GET', `${tenant}/${list}?cursor=${forged}`), 'cursor_invalid');
});

test('the list of tenants refuses bad filters and forged cursors', async () => {
  for (const query of ['limit=0', 'state=a%20b', `q=${'x'.repeat(300)}`, 'page=1', 'q=%00', 'state=connected;']) {
    expectProblem(await running.api('GET', `/v1/tenants?${query}`), 'request_invalid');
  }
  for (const forged of [
    'x',
    cursor(['x', 'y']),
    cursor([1, 'a\u0000']),
    cursor(['0000-01-01T00:00:00Z', 'a']),
    cursor([]),
  ]) {
    expectProblem(await running.api('GET', `/v1/tenants?cursor=${forged}`), 'cursor_invalid');
  }
  expect((await running.api('GET', "/v1/tenants?q=%25'%22%5C_")).body.items).toEqual([]);
});

test('after all of this no request has failed on our side', () => {
  expect(running.logged.filter((line) => line.includes('internal_error') || line.includes('a request failed'))).toEqual(
    [],
  );
});
