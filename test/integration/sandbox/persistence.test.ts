import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.ts';
import {
  api,
  app,
  connect,
  receiverForTest,
  refresh,
  sandboxForTest,
  type Tokens,
} from '../../support/calendly/sandbox-for-test.ts';

async function stateFileForTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'calendly-sandbox-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return join(directory, 'below', 'sandbox.json');
}

/** `npm run sandbox` in a process of its own; resolves with its address. */
async function sandboxProcess(stateFile: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['src/main.ts', 'sandbox'], {
    env: {
      ...process.env,
      SANDBOX_PORT: '0',
      SANDBOX_STATE_FILE: stateFile,
      SANDBOX_CLIENT_ID: app.clientId,
      SANDBOX_CLIENT_SECRET: app.clientSecret,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await exited) as [number | null, NodeJS.Signals | null];
  };
  onTestFinished(async () => void (await end('SIGKILL')));
  for await (const line of createInterface(child.stdout)) {
    const url = /^Calendly sandbox at (\S+)/.exec(line)?.[1];
    if (url) return { url, end };
  }
  throw new Error('The sandbox ended before it listened.');
}

describe('a restart', () => {
  test('after kill -9 the rotated token, the bookings and the subscriptions are still there', async () => {
    const stateFile = await stateFileForTest();
    const receiver = await receiverForTest();
    const before = await sandboxProcess(stateFile);
    const first = await connect(before.url, 'alice');
    await fetch(`${before.url}/sandbox/subscriptions`, jsonPost({ account: 'alice', url: receiver.url }));
    await fetch(`${before.url}/sandbox/deliveries/pause`, { method: 'POST' });
    await fetch(
      `${before.url}/sandbox/bookings`,
      jsonPost({ account: 'alice', name: 'Kim', email: 'kim@guest.example' }),
    );
    const second = (await (await refresh(before.url, first.refresh_token)).json()) as Tokens;
    await before.end('SIGKILL');

    const after = await sandboxProcess(stateFile);
    expect((await refresh(after.url, first.refresh_token)).status).toBe(400);
    const third = await refresh(after.url, second.refresh_token);
    expect(third.status).toBe(200);
    expect((await api(after.url, first, 'GET', '/users/me')).status).toBe(200);
    const meetings = (await (await fetch(`${after.url}/sandbox/meetings?account=alice`)).json()) as { items: object[] };
    expect(meetings.items).toMatchObject([{ name: 'Kim' }]);
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(await after.end('SIGTERM')).toEqual([0, null]);
  });

  test('switches and the moved clock survive a restart, faults do not; given switches win', async () => {
    const stateFile = await stateFileForTest();
    const before = await startSandbox({ ...app, stateFile });
    before.controls.switches.set({ conflictKey: 'url+scope', listLagSeconds: 5 });
    before.controls.clock.advance(3600);
    before.controls.faults.add({ path: '/users/me', kind: 'hang' });
    await before.close();
    const { controls } = await sandboxForTest({ stateFile, switches: { listLagSeconds: 0 } });
    expect(controls.switches.get()).toMatchObject({ conflictKey: 'url+scope', listLagSeconds: 0 });
    expect(controls.clock.now().getTime() - Date.now()).toBeGreaterThan(3_500_000);
    expect(controls.faults.list()).toEqual([]);
  });
});

describe('the state file', () => {
  test('the state file is for its owner only, and a file of another version is left alone', async () => {
    const stateFile = await stateFileForTest();
    await (await startSandbox({ ...app, stateFile })).close();
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
    await writeFile(stateFile, '{"version":99}');
    await expect(startSandbox({ ...app, stateFile })).rejects.toThrow('another version');
    expect(await readFile(stateFile, 'utf8')).toBe('{"version":99}');
  });
});

describe('a restart while sending', () => {
  test('a delivery that was being sent when the sandbox stopped is sent after its start', async () => {
    const stateFile = await stateFileForTest();
    const receiver = await receiverForTest();
    const before = await startSandbox({ ...app, stateFile });
    before.controls.createSubscription({ account: 'bob', url: receiver.url });
    receiver.answer = () => 0;
    before.controls.book({ account: 'bob', name: 'Kim', email: 'kim@guest.example' });
    await expect.poll(() => receiver.received.length).toBe(1);
    await before.close();
    receiver.answer = () => 200;
    const { controls } = await sandboxForTest({ stateFile });
    await expect.poll(() => controls.deliveries.list()[0]!.status).toBe('delivered');
    expect(receiver.received).toHaveLength(2);
  });
});

function jsonPost(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

describe('older files and given settings', () => {
  test('a state file of an older sandbox is read: what is newer than it begins empty, with the defaults', async () => {
    const stateFile = await stateFileForTest();
    const first = await startSandbox({ ...app, stateFile });
    const { inviteeUri } = first.controls.book({ account: 'alice', name: 'Kim', email: 'kim@guest.example' });
    await first.close();
    const state = JSON.parse(await readFile(stateFile, 'utf8'));
    for (const key of ['invitations', 'schedulingLinks']) delete state[key];
    for (const account of state.accounts) for (const key of ['availability', 'calendar']) delete account[key];
    for (const key of ['calendarEvent', 'location']) state.events[0][key] = key === 'location' ? null : undefined;
    for (const key of ['firstName', 'lastName']) delete state.invitees[0][key];
    for (const key of ['webhooksOnFreePlan', 'refusedUserAgents', 'legacyIds']) delete state.switches[key];
    await writeFile(stateFile, JSON.stringify(state));

    const { url, controls } = await sandboxForTest({ stateFile });
    const scopes = 'users:read scheduled_events:read availability:read organizations:read';
    const tokens = await connect(url, 'alice', scopes);
    const event = await api(url, tokens, 'GET', new URL(inviteeUri).pathname.replace(/\/invitees.*/, ''));
    expect(event.body.resource).toMatchObject({
      calendar_event: { kind: 'google' },
      location: { location: null, type: 'custom' },
    });
    expect((await api(url, tokens, 'GET', new URL(inviteeUri).pathname)).body.resource.first_name).toBeNull();
    const schedules = await api(url, tokens, 'GET', `/user_availability_schedules?user=${tokens.owner}`);
    expect((await api(url, tokens, 'GET', new URL(schedules.body.collection[0].uri).pathname)).status).toBe(200);
    expect(
      (await api(url, tokens, 'GET', `${new URL(tokens.organization).pathname}/invitations`)).body.collection,
    ).toEqual([]);
    expect(controls.switches.get()).toMatchObject({
      webhooksOnFreePlan: true,
      refusedUserAgents: [],
      legacyIds: false,
    });
  });

  test('switches and the application key come from the settings of the process', async () => {
    const stateFile = await stateFileForTest();
    const switchesFile = `${stateFile}.switches`;
    await mkdir(dirname(switchesFile), { recursive: true });
    await writeFile(switchesFile, '{"conflictKey":"url+scope","listLagSeconds":3}');
    const { url } = await sandboxProcess(stateFile, {
      SANDBOX_SWITCHES: switchesFile,
      SANDBOX_APP_SIGNING_KEY: 'key-of-the-app',
    });
    const switches = await (await fetch(`${url}/sandbox/switches`)).json();
    expect(switches).toMatchObject({ conflictKey: 'url+scope', listLagSeconds: 3, disabledConflicts: true });
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toMatchObject({ appSigningKey: 'key-of-the-app' });
  });
});
