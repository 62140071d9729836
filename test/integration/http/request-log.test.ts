import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => void (running = await startTestService()));
afterAll(() => running.stop());

const answered = (path: string, id: string) =>
  fetch(`${running.url}${path}`, { headers: { 'x-request-id': id } }).then(({ headers }) =>
    headers.get('x-request-id'),
  );
const linesOf = (id: string) => running.logged.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId === id);
const shownOf = (id: string) => linesOf(id).filter(({ level }) => level !== 'debug');

describe('a request', () => {
  test('keeps the id that a proxy gave it, in its answer and in its one line of the log', async () => {
    const id = '01J9Z3.req:7@edge+a/b=_-';
    for (const path of ['/v1/tenants?q=secret', '/nowhere?code=secret', '/%zz'])
      expect(await answered(path, id)).toBe(id);
    await waitFor(() => shownOf(id).length === 3);
    expect(shownOf(id).map(({ level, msg, req, res }) => [level, msg, req.method, req.path, res.statusCode])).toEqual([
      ['info', 'request completed', 'GET', '/v1/tenants', 401],
      ['info', 'request completed', 'GET', '/nowhere', 404],
      ['info', 'request completed', 'GET', '/%zz', 400],
    ]);
    expect(JSON.stringify(linesOf(id))).not.toContain('secret');
  });

  test.each([['x'.repeat(129)], ['two words'], ['{"level":"fatal"}'], ['']])(
    'gets a new id instead of %s',
    async (id) => {
      expect(await answered('/v1/tenants', id)).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
    },
  );

  test('of a probe has its line at debug', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      await answered(path, `probe${path}`);
      await waitFor(() => linesOf(`probe${path}`).some(({ msg }) => msg === 'request completed'));
      expect(shownOf(`probe${path}`)).toEqual([]);
    }
  });

  test('whose client leaves before the answer has one line, and is no failure', async () => {
    const id = 'leaves-before-its-answer';
    const path = `${connectionPath('acme')}/connect`;
    await connectTenant(running, 'acme', 'alice');
    running.sandbox.controls.faults.add({ path: '/users/me', kind: 'delay', ms: 1_500 });
    const leaving = new AbortController();
    const left = fetch(`${running.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', 'x-request-id': id },
      body: '{}',
      signal: leaving.signal,
    }).catch(() => 'left');
    await waitFor(() => linesOf(id).some(({ msg }) => msg === 'incoming request'));
    leaving.abort();
    expect(await left).toBe('left');
    await waitFor(() => shownOf(id).length > 0);
    // Who asks now is answered when the same work is done.
    expect((await running.api('POST', path, { body: {} })).status).toBe(200);
    expect(shownOf(id).map(({ level, msg, req }) => [level, msg, req.path])).toEqual([
      ['info', 'request aborted', path],
    ]);
  });
});
