import { describe, expect, test } from 'vitest';
import type { FaultInput } from '../../../src/sandbox/index.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import {
  api,
  app,
  connect,
  refresh,
  sandboxForTest,
  subscription,
  type Tokens,
} from '../../support/calendly/sandbox-for-test.ts';

async function connected() {
  const sandbox = await sandboxForTest();
  const tokens = await connect(sandbox.url, 'alice');
  sandbox.controls.clearCalls();
  const me = () => api(sandbox.url, tokens, 'GET', '/users/me');
  const struck = (fault: FaultInput) => sandbox.controls.faults.add(fault);
  return { ...sandbox, tokens, me, struck };
}

describe('kinds of faults', () => {
  test('respond answers with the given status, headers and body, or with what Calendly would say', async () => {
    const { me, struck } = await connected();
    struck({ path: '/users/me', kind: 'respond', status: 503, body: { down: true }, headers: { 'retry-after': '7' } });
    const given = await me();
    expect([given.status, given.body, given.headers.get('retry-after')]).toEqual([503, { down: true }, '7']);
    struck({ path: '/users/me', kind: 'respond', status: 500 });
    expect((await me()).body.title).toBe('Internal Server Error');
    expect((await me()).status).toBe(200);
  });

  test('a fault strikes after so many, so often, and where its method and path match', async () => {
    const { url, tokens, me, controls, struck } = await connected();
    struck({ method: 'GET', path: '/users/:id', kind: 'respond', status: 500, after: 1, times: 2 });
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await me()).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect(controls.faults.list()).toEqual([]);
    const id = struck({
      method: 'DELETE',
      path: '/webhook_subscriptions*',
      kind: 'respond',
      status: 502,
      times: 'forever',
    });
    expect((await api(url, tokens, 'DELETE', '/webhook_subscriptions/some')).status).toBe(502);
    expect((await api(url, tokens, 'GET', '/webhook_subscriptions/some')).status).toBe(404);
    expect(controls.faults.list()).toMatchObject([{ id, hits: 1 }]);
    expect([controls.faults.remove(id), controls.faults.remove(id)]).toEqual([true, false]);
  });

  test('drop closes the connection before any work', async () => {
    const { url, tokens, controls, struck } = await connected();
    struck({ path: '/oauth/token', kind: 'drop' });
    await expect(refresh(url, tokens.refresh_token)).rejects.toThrow('fetch failed');
    expect(controls.tokens('alice').pairs).toHaveLength(1);
    expect((await refresh(url, tokens.refresh_token)).status).toBe(200);
  });

  test('dropAfterWork spends the refresh token and loses the answer', async () => {
    const { url, tokens, controls, struck } = await connected();
    struck({ path: '/oauth/token', kind: 'dropAfterWork' });
    await expect(refresh(url, tokens.refresh_token)).rejects.toThrow('fetch failed');
    expect((await refresh(url, tokens.refresh_token)).status).toBe(400);
    expect(controls.tokens('alice').liveRefreshTokens).toBe(1);
    expect(controls.calls()[0]).toMatchObject({ status: null, grantType: 'refresh_token', fault: 'fault-1' });
  });

  test('dropAfterWork leaves a subscription behind that nobody was told of', async () => {
    const { url, tokens, controls, struck } = await connected();
    struck({ method: 'POST', path: '/webhook_subscriptions', kind: 'dropAfterWork' });
    const body = subscription(tokens, 'https://app.example/hook');
    await expect(api(url, tokens, 'POST', '/webhook_subscriptions', body)).rejects.toThrow('fetch failed');
    expect(controls.subscriptions()).toHaveLength(1);
  });

  test('delayAfterWork works at once and answers late; delay works late', async () => {
    const { url, tokens, me, controls, struck } = await connected();
    struck({ path: '/oauth/token', kind: 'delayAfterWork', ms: 150 });
    const startedAt = performance.now();
    const answer = refresh(url, tokens.refresh_token);
    await waitFor(() => controls.tokens('alice').pairs.length === 2);
    expect(controls.calls().at(-1)!.status).toBeNull();
    const renewed = (await (await answer).json()) as Tokens;
    expect(performance.now() - startedAt).toBeGreaterThan(140);
    expect(renewed.refresh_token).toMatch(/^[0-9a-f]{64}$/);
    struck({ path: '/users/me', kind: 'delay', ms: 60 });
    expect((await me()).status).toBe(200);
    await waitFor(() => controls.calls().at(-1)!.durationMs !== null);
    expect(controls.calls().at(-1)!.durationMs).toBeGreaterThanOrEqual(55);
  });

  test('garbage is a page of HTML with status 200', async () => {
    const { url, struck } = await connected();
    struck({ path: '/users/me', kind: 'garbage' });
    const response = await fetch(`${url}/users/me`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('<!doctype html>');
  });

  test('hang never answers, and does not hold up closing', async () => {
    const { url, tokens, controls, struck, close } = await connected();
    struck({ path: '/oauth/token', kind: 'hang' });
    struck({ path: '/oauth/token', kind: 'delay', ms: 600_000 });
    struck({ path: '/users/me', kind: 'delayAfterWork', ms: 600_000 });
    const asked = [refresh(url, tokens.refresh_token), refresh(url, tokens.refresh_token)].map((answer) =>
      answer.then(
        () => 'answered',
        (error: unknown) => (error as Error).message,
      ),
    );
    const late = api(url, tokens, 'GET', '/users/me').catch(() => undefined);
    await waitFor(() => controls.calls().length === 3);
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await Promise.all(asked)).toEqual(['fetch failed', 'fetch failed']);
    await late;
    expect(controls.tokens('alice').pairs).toHaveLength(1);
  });
});

describe('faults that are refused', () => {
  test.each([
    [{ path: '/x', kind: 'explode' }],
    [{ path: 'x', kind: 'drop' }],
    [{ path: '/x', kind: 'delay' }],
    [{ path: '/x', kind: 'respond' }],
  ])('the fault %j is refused', async (fault) => {
    const { controls } = await sandboxForTest();
    expect(() => controls.faults.add(fault as FaultInput)).toThrow('fault');
  });
});

describe('the log of calls', () => {
  test('the log of calls says who asked for what, and shows no token', async () => {
    const { url, tokens, controls, me } = await connected();
    await me();
    await refresh(url, 'e'.repeat(64));
    await fetch(`${url}/sandbox/calls`);
    const calls = controls.calls();
    expect(calls).toMatchObject([
      { method: 'GET', path: '/users/me', account: 'alice', status: 200, fault: null },
      { method: 'POST', path: '/oauth/token', account: null, status: 400, grantType: 'refresh_token' },
    ]);
    const text = JSON.stringify(calls);
    for (const secret of [tokens.access_token, 'e'.repeat(64), app.clientSecret]) expect(text).not.toContain(secret);
  });
});
