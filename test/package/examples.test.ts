import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY, CLIENT, startTestService, testServiceEnvironment } from '../support/service/start-test-service.ts';
import { codeBlocks } from '../support/guards/code-blocks.ts';
import { createTestDatabase } from '../support/postgres/test-database.ts';
import { freePort } from '../support/service/free-port.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { hostProject, PROJECT, type HostProject } from './host-project.ts';
import { openHost, type Visitor } from './open-host.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
let project: HostProject;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  project = await hostProject('express@5');
  await cp(join(PROJECT, 'docs/examples'), project.folder, { recursive: true });
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(() => project.remove());

/** A program of the project, until the test ends. */
async function start(file: string, env: Record<string, string>, isUp: string): Promise<void> {
  const program = spawn(process.execPath, [file], {
    cwd: project.folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const ended = once(program, 'exit');
  stops.push(async () => {
    program.kill('SIGTERM');
    await ended;
  });
  let said = '';
  for (const stream of [program.stdout, program.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const isAnswering = () => fetch(isUp, { redirect: 'manual' }).then(() => true);
  const isUpOrEnded = async () => program.exitCode !== null || (await isAnswering());
  await waitFor(isUpOrEnded, { timeoutMs: 60_000, describe: `${file} to answer` });
  expect(program.exitCode, said).toBeNull();
}

/** The service beside the host, and where both are. */
async function serviceBeside(): Promise<{ hostUrl: string; env: Record<string, string>; sandbox: Sandbox }> {
  const port = await freePort();
  const hostUrl = `http://127.0.0.1:${port}`;
  const running = await startTestService({
    env: { EVENTS_URL: `${hostUrl}/calendly/events`, EVENTS_SECRET: SECRET, RETURN_TO_ORIGINS: hostUrl },
  });
  stops.push(running.stop);
  const env = {
    RECONNECT_URL: running.url,
    RECONNECT_API_KEY: API_KEY,
    EVENTS_SECRET: SECRET,
    HOST_URL: hostUrl,
    PORT: String(port),
  };
  return { hostUrl, env, sandbox: running.sandbox };
}

/** A person connects, a guest books, and the host shows the meeting; whoever did not ask links nothing. */
async function expectStory(hostUrl: string, sandbox: Sandbox): Promise<void> {
  const person = await openHost(hostUrl, 'acme');
  const stranger = await openHost(hostUrl, 'other');
  expect(await person.page('/settings')).toContain('not connected');
  const consentPage = await person.press('/calendly/connect');
  const back = (await giveConsent(consentPage, 'alice')).headers.get('location')!;
  expect(back).toContain('ticket=');
  await follow(stranger, back);
  expect(await stranger.page('/settings')).toContain('not connected');
  await follow(person, back);
  expect(await person.page('/settings')).toContain('alice@ardent.example, connected');

  sandbox.controls.book({ account: 'alice', name: '<b>Gina', email: 'gina@guest.example' });
  await waitFor(async () => (await person.page('/settings')).includes('<li>&#60;b&#62;Gina, 20'), {
    timeoutMs: 20_000,
    describe: 'the meeting on the page of the host',
  });
  // Connected already: nobody is sent anywhere.
  expect(await person.press('/calendly/connect')).toBe(`${hostUrl}/settings`);
  const forged = await fetch(`${hostUrl}/calendly/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'meeting.canceled', tenantId: 'acme', data: {} }),
  });
  expect(forged.status).toBe(400);
  expect((await fetch(`${hostUrl}/settings`)).status).toBe(401);
}

const follow = async (visitor: Visitor, address: string): Promise<void> =>
  expect(await visitor.visit(address)).toMatchObject({ status: 303, location: '/settings' });

describe('a host of the examples', () => {
  test('that is made with Express shows what was booked', async () => {
    const { hostUrl, env, sandbox } = await serviceBeside();
    await start('express/server.js', env, `${hostUrl}/settings`);
    await expectStory(hostUrl, sandbox);
  });

  test('that is made with route handlers of Next.js shows what was booked', async () => {
    const { hostUrl, env, sandbox } = await serviceBeside();
    const routes = ['sign-in', 'settings', 'calendly/connect', 'calendly/return', 'calendly/events'];
    await project.compile(...routes.map((route) => `next/app/${route}/route.ts`));
    // Next.js itself would take a minute to build. A handler is a function from Request to Response, with or without it.
    await cp(join(PROJECT, 'test/package/serve-handlers.ts'), join(project.folder, 'next/serve-handlers.ts'));
    await start('next/serve-handlers.ts', env, `${hostUrl}/settings`);
    await expectStory(hostUrl, sandbox);
  });

  test('that has the service inside its Fastify application shows what was booked', async () => {
    await project.compile('fastify/server.ts');
    const [database, sandbox, port] = [await createTestDatabase(), await startSandbox(CLIENT), await freePort()];
    stops.push(database.close, sandbox.close);
    const hostUrl = `http://127.0.0.1:${port}`;
    const env = {
      ...testServiceEnvironment({ publicUrl: `${hostUrl}/reconnect`, port, calendlyUrl: sandbox.url }),
      DATABASE_URL: database.url,
      EVENTS_URL: `${hostUrl}/calendly/events`,
      EVENTS_SECRET: SECRET,
      RECONNECT_API_KEY: API_KEY,
      HOST_URL: hostUrl,
    };
    await start('fastify/server.ts', env, `${hostUrl}/settings`);
    await expectStory(hostUrl, sandbox);
  });
});

test('the Fastify application of the README has the service under its prefix, with the sandbox, and its routes described', async () => {
  const readme = await readFile(join(PROJECT, 'README.md'), 'utf8');
  const [snippet, ...others] = codeBlocks(readme, 'ts');
  expect(others).toEqual([]);
  await writeFile(join(project.folder, 'snippet.ts'), snippet!);
  await project.compile('snippet.ts');
  const database = await createTestDatabase();
  stops.push(database.close);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/calendly`;
  const env = {
    MODE: 'sandbox',
    DATABASE_URL: database.url,
    PUBLIC_URL: url,
    PORT: String(port),
    SANDBOX_PORT: String(await freePort()),
    API_KEYS: API_KEY,
    LOG_LEVEL: 'warn',
  };
  await start('snippet.ts', env, `${url}/health/ready`);
  const headers = { authorization: `Bearer ${API_KEY}` };
  const asked = await fetch(`${url}/v1/tenants/acme/connection/connect`, { method: 'POST', headers });
  const { authorizeUrl } = (await asked.json()) as { authorizeUrl: string };
  expect(await (await giveConsent(authorizeUrl, 'alice')).text()).toContain('Calendly is connected');
  const docs = await (await fetch(`${url}/docs`)).text();
  expect(docs).toContain('<code>GET /calendly/v1/tenants/{tenantId}/meetings</code>');
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
});
