import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInspector, PASSWORD } from '../../support/service/open-inspector.ts';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService();
});
afterAll(() => running.stop());

const login = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${running.url}/inspector/login`, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(fields),
  });

describe('a login', () => {
  test('without a session every page leads to the login, and back to where one wanted to go', async () => {
    const answer = await fetch(`${running.url}/inspector/tenants/acme?at=3`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });
    expect(answer.status).toBe(303);
    expect(new URL(answer.headers.get('location')!, answer.url).href).toBe(
      `${running.url}/inspector/login?next=%2Ftenants%2Facme%3Fat%3D3`,
    );
    const entered = await login({ operator: 'Nora', password: PASSWORD, next: '/tenants/acme?at=3' });
    expect(new URL(entered.headers.get('location')!, `${running.url}/inspector/login`).href).toBe(
      `${running.url}/inspector/tenants/acme?at=3`,
    );
  });

  test('the password and an API key open it; nothing else does, and no name does not either', async () => {
    for (const password of [PASSWORD, API_KEY]) expect((await login({ operator: 'Nora', password })).status).toBe(303);
    expect((await login({ operator: 'Nora', password: 'wrong-password' })).status).toBe(401);
    for (const operator of ['  ', 'Ann\nBob', 'Ann\u202e'])
      expect((await login({ operator, password: PASSWORD })).status).toBe(401);
  });

  test('a script reads with an API key, and changes nothing with it', async () => {
    const authorization = `Bearer ${API_KEY}`;
    expect((await fetch(`${running.url}/inspector`, { headers: { authorization } })).status).toBe(200);
    expect(
      (await fetch(`${running.url}/inspector`, { headers: { authorization: 'Bearer wrong-key-of-16-letters' } }))
        .status,
    ).toBe(401);
    const post = await fetch(`${running.url}/inspector/tenants/acme/commands/disconnect`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ formToken: 'x' }),
    });
    expect(post.status).toBe(401);
  });
});

describe('the cookie', () => {
  test('the cookie is for the inspector alone, out of reach of scripts and other sites', async () => {
    const cookie = (await login({ operator: 'Nora', password: PASSWORD })).headers.get('set-cookie')!;
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain('Path=');
  });

  test('a cookie that is forged or cut opens nothing', async () => {
    const inspector = await openInspector(running.url);
    const [content, signature] = inspector.cookie.slice('inspector='.length).split('.') as [string, string];
    const other = Buffer.from(JSON.stringify({ id: 'x', operator: 'Mallory', expiresAt: Date.now() + 1e9 })).toString(
      'base64url',
    );
    for (const forged of [`${other}.${signature}`, content, `${content}.`, `.${signature}`, 'null', '%7B%7D']) {
      const answer = await fetch(`${running.url}/inspector`, {
        redirect: 'manual',
        headers: { accept: 'text/html', cookie: `inspector=${forged}` },
      });
      expect({ forged, status: answer.status }).toEqual({ forged, status: 303 });
    }
  });
});

describe('requests from elsewhere', () => {
  test('next never leads away from the inspector', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/tenants/x\r\nset-cookie: a=b',
      'javascript:alert(1)',
    ]) {
      const answer = await login({ operator: 'Nora', password: PASSWORD, next });
      if (answer.status === 303)
        expect(new URL(answer.headers.get('location')!, `${running.url}/inspector/login`).origin).toBe(running.url);
    }
  });

  test('a form of another site is refused', async () => {
    expect((await login({ operator: 'Nora', password: PASSWORD }, { origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await login({ operator: 'Nora', password: PASSWORD }, { 'sec-fetch-site': 'cross-site' })).status).toBe(
      403,
    );
  });

  test('who guesses is stopped after ten attempts a minute', async () => {
    const own = await startTestService({ database: running.database, sharedSandbox: running.sandbox });
    try {
      const statuses = [];
      for (let attempt = 0; attempt < 12; attempt++) {
        statuses.push(
          (
            await fetch(`${own.url}/inspector/login`, {
              method: 'POST',
              body: new URLSearchParams({ operator: 'M', password: `guess ${attempt}` }),
            })
          ).status,
        );
      }
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    } finally {
      await own.stop();
    }
  });

  test('pages forbid whatever is not from here, and are never kept', async () => {
    const inspector = await openInspector(running.url);
    const page = await inspector.get('/');
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).not.toMatch(/<script>|<style|style=|\son\w+=/);
  });
});
