import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startRecordingProxy, type Echo, type RecordingProxy } from '../../support/calendly/recording-proxy.ts';
import { searchDatabase } from '../../support/postgres/search-database.ts';
import {
  API_KEY,
  CLIENT,
  startTestService,
  type Answer,
  type TestService,
} from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const encryptionKey = randomBytes(32).toString('base64');
const APPLICATION_KEY = 'canary-webhook-signing-key';
const INSPECTOR_PASSWORD = 'canary-inspector-password';
let sandbox: Sandbox;
let proxy: RecordingProxy;
let running: TestService;
/** All that the service ever answered, but for `/access-token`. */
const answers: string[] = [];
const states: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ ...CLIENT, switches: { tokenRateLimit: null } });
  proxy = await startRecordingProxy(sandbox.url);
  running = await startTestService({
    sharedSandbox: sandbox,
    env: {
      CALENDLY_AUTH_BASE_URL: proxy.url,
      CALENDLY_API_BASE_URL: proxy.url,
      ENCRYPTION_KEYS: `k1:${encryptionKey}`,
      INSPECTOR_PASSWORD,
      CALENDLY_WEBHOOK_SIGNING_KEY: APPLICATION_KEY,
      REFRESH_RECENT_SECONDS: '0',
    },
  });
});
afterAll(async () => {
  await running.stop();
  await proxy.close();
  await sandbox.close();
});

async function api(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await running.api(method, path, body === undefined ? {} : { body });
  answers.push(`${method} ${path} ${JSON.stringify([...answer.headers])} ${JSON.stringify(answer.body)}`);
  return answer;
}
const tenant = connectionPath('canary');
const view = async (): Promise<Answer['body']> => (await api('GET', tenant)).body;

async function page(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  answers.push(`${url.split('?')[0]} ${JSON.stringify([...response.headers])} ${text}`);
  return text;
}

/** Through the sandbox's own page (a browser does not come through the proxy), then our callback. */
async function consent(authorizeUrl: string, account: string): Promise<string> {
  const url = new URL(authorizeUrl);
  states.push(url.searchParams.get('state')!);
  const form = new URLSearchParams({ account, decision: 'allow' });
  const answered = await fetch(`${sandbox.url}${url.pathname}${url.search}`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const callback = answered.headers.get('location')!;
  proxy.secrets.add(new URL(callback).searchParams.get('code')!);
  return page(callback);
}

async function connectThrough(account: string, echo: Echo = null): Promise<void> {
  const { body } = await api('POST', `${tenant}/connect`, { switchAccount: true });
  proxy.echo = echo;
  await consent(body.authorizeUrl, account);
}

const allSecrets = (): string[] => [
  ...proxy.secrets,
  ...states,
  CLIENT.clientSecret,
  API_KEY,
  INSPECTOR_PASSWORD,
  APPLICATION_KEY,
  encryptionKey,
  Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64'),
];

test(
  'a whole life in which Calendly throws every request back leaves no secret anywhere',
  { timeout: 60_000 },
  async () => {
    await connectThrough('alice', { path: /oauth\/token/, as: 'json', status: 400 });
    await connectThrough('alice', { path: /oauth\/token/, as: 'html', status: 503 });
    await connectThrough('alice', { path: /users\/me/, as: 'json' });
    for (const echo of [
      { as: 'json', status: 400 },
      { as: 'html', status: 500 },
      { as: 'success' },
      { as: 'json', status: 409 },
      { as: 'json', status: 403 },
    ] as const) {
      await connectThrough('alice', { path: /webhook_subscriptions/, method: 'POST', ...echo });
      await api('DELETE', tenant);
    }
    await connectThrough('alice');
    expect((await view()).state).toBe('connected');

    for (const echo of [
      { path: /webhook_subscriptions/, as: 'json' },
      { path: /users\/me/, as: 'html' },
      { path: /users\/me/, as: 'success' },
      { path: /oauth\/token/, as: 'json', status: 503 },
    ] as const) {
      proxy.echo = echo;
      await api('POST', `${tenant}/connect`, {});
      await api('POST', `${tenant}/retry`);
      await waitFor(async () => ['connected', 'error'].includes((await view()).state));
    }
    await api('POST', `${tenant}/connect`, {});
    expect((await view()).state).toBe('connected');

    proxy.echo = { path: /scheduled_events/, as: 'json' };
    await api('POST', `${tenant}/resync`);
    await waitFor(() => proxy.echo === null);
    sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
    await waitFor(async () => (await api('GET', '/v1/tenants/canary/meetings')).body.items.length === 1);

    await connectThrough('bob', { path: /webhook_subscriptions\/.+/, method: 'DELETE', as: 'json', status: 401 });
    proxy.echo = { path: /oauth\/revoke/, as: 'html' };
    await api('POST', `${tenant}/retry`);
    await waitFor(async () => (await view()).state === 'connected');
    const {
      body: { accessToken },
    } = await running.api('GET', '/v1/tenants/canary/access-token');
    expect(proxy.secrets).toContain(accessToken);

    // A refresh token that is refused, and people who send secrets where none belong.
    sandbox.controls.accounts.revokeLogin('bob');
    await makeTimerDue(running.database, 'canary', 'refresh');
    await waitFor(async () => (await view()).substate === 'needsReauthorization');
    await page(`${running.url}/oauth/callback?code=${'c'.repeat(64)}&state=${'s'.repeat(43)}`);
    await page(`${running.url}/nothing/oauth/callback?code=${[...proxy.secrets][0]}&state=${states[0]}`);
    await api('POST', `${tenant}/connect`, { returnTo: `https://evil.example/?token=${accessToken}` });

    for (const list of ['history', 'exchanges', 'deliveries']) {
      for (let cursor = ''; ;) {
        const { body } = await api('GET', `/v1/tenants/canary/${list}?limit=100${cursor}`);
        if (body.nextCursor === null) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
    }
    for (const path of [
      '/v1/tenants',
      '/v1/tenants/canary/diagnosis',
      '/v1/audit?limit=100',
      '/v1/events?limit=100',
      '/metrics',
      '/openapi.json',
      '/health/ready',
      '/docs',
      '/inspector',
      '/inspector/tenants/canary',
      '/inspector/tenants/canary/export',
      '/inspector/audit',
    ]) {
      expect(await page(`${running.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } }), path).not.toBe(
        '',
      );
    }

    const secrets = allSecrets();
    expect(secrets.length).toBeGreaterThan(30);
    expect(await searchDatabase(running.database.db, secrets)).toEqual([]);
    const leaks = (texts: string[]) =>
      texts.flatMap((text) =>
        secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret}: ${text.slice(0, 300)}`),
      );
    expect(leaks(running.logged)).toEqual([]);
    // The consent URL is made of a state; nothing else may hold one.
    expect(leaks(answers.map((answer) => answer.replace(/"authorizeUrl":"[^"]*"/, '')))).toEqual([]);
  },
);

test('the search would find what it looks for', async () => {
  // A queue of jobs, by its name: pg-boss's tables hold no tenant.
  expect(await searchDatabase(running.database.db, ['canary', 'backfills'])).toEqual(
    expect.arrayContaining(['public.connection: canary', 'public.exchange: canary', 'pgboss.queue: backfills']),
  );
});

test('log lines hold paths, never queries', () => {
  expect(running.logged.filter((line) => line.includes('/oauth/callback')).length).toBeGreaterThan(5);
  expect(
    running.logged.filter((line) => /[?&](code|state|token|page_token|cursor|user|organization)=/.test(line)),
  ).toEqual([]);
  for (const line of running.logged) expect(JSON.parse(line).path ?? '').not.toContain('?');
});
