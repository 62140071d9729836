import { describe, expect, onTestFinished, test } from 'vitest';
import { compareWithSandbox } from '../../../src/probe/compare-with-sandbox.ts';
import { differencesOf, printFindings, switchesOf } from '../../../src/probe/findings.ts';
import { GROUPS } from '../../../src/probe/groups/groups.ts';
import { newProbeRecord, type ProbeRecord } from '../../../src/probe/probe-record.ts';
import type { Person, ProbeSettings } from '../../../src/probe/surroundings.ts';
import { runProbe } from '../../../src/probe/run-probe.ts';
import { sandboxPerson } from '../../../src/probe/sandbox-person.ts';
import { defaultSwitches, type Sandbox, type Switches } from '../../../src/sandbox/index.ts';
import { app, sandboxForTest } from '../../support/calendly/sandbox-for-test.ts';
import { freePort } from '../../support/service/free-port.ts';

const APPLICATION_KEY = 'signing-key-of-the-application';
const WAITS = { personSeconds: 3, deliverySeconds: 3, holdSeconds: 5, retriesSeconds: 20, retriesPollSeconds: 0.2 };

async function settingsFor(sandbox: Sandbox): Promise<ProbeSettings> {
  const port = await freePort();
  return {
    ...app,
    authBaseUrl: sandbox.url,
    apiBaseUrl: sandbox.url,
    publicUrl: `http://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    applicationKeys: [APPLICATION_KEY],
    waits: WAITS,
  };
}

async function probe({
  switches,
  account = 'alice',
  groups,
}: {
  switches: Partial<Switches>;
  account?: string;
  groups: readonly string[];
}): Promise<{ sandbox: Sandbox; settings: ProbeSettings; record: ProbeRecord }> {
  const sandbox = await sandboxForTest({ appSigningKey: APPLICATION_KEY, switches });
  const settings = await settingsFor(sandbox);
  const record = newProbeRecord(new Date());
  await runProbe({
    settings,
    person: sandboxPerson(sandbox, account),
    record,
    save: () => {},
    groups: GROUPS.filter(({ name }) => groups.includes(name)),
  });
  return { sandbox, settings, record };
}

const all = GROUPS.map(({ name }) => name);

/** Every switch that the probe can find, set otherwise than by default. */
const turned = {
  accessTokenSeconds: 3600,
  uriBase: 'https://calendly.example.test/api',
  apiRateLimit: 120,
  refusedUserAgents: ['curl', 'Java-http-client'],
  refreshReuseStatus: 401,
  tokenErrorChallenge: false,
  requireClientSecret: false,
  conflictKey: 'url+scope',
  listLagSeconds: 1,
  signingKeyPrecedence: 'app',
  bodyEscaping: 'ascii',
  minStartTime: 'exclusive',
  missingScopeStatus: 400,
  requirePkce: true,
  onTokenRevoked: 'disable',
  retryDelaysSeconds: [1, 2],
  giveUpAfterSeconds: 4,
  retrySignature: 'original',
  deliveryReadTimeoutMs: 500,
  disabledConflicts: false,
  tokenRateLimit: 12,
  retryAfterHeader: true,
} as const satisfies Partial<Record<keyof Switches, unknown>>;

describe('switches that are found', () => {
  test('finds every switch that was turned, and leaves nothing behind', async () => {
    const { sandbox, settings, record } = await probe({
      switches: { ...turned, refusedUserAgents: [...turned.refusedUserAgents], retryDelaysSeconds: [1, 2] },
      groups: all,
    });
    expect(switchesOf(record)).toMatchObject(turned);
    expect(record.hooks).toEqual([]);
    expect(sandbox.controls.subscriptions()).toEqual([]);
    expect(sandbox.controls.tokens('alice')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });
    expect(sandbox.controls.meetings('alice').every(({ status }) => status === 'canceled')).toBe(true);
    // What is kept says nothing of the account.
    expect(JSON.stringify(record)).not.toMatch(/alice|guest\.example|signing-key-of|secret-under-test/i);

    const differences = await compareWithSandbox(record, settings);
    expect(differences).toEqual([]);
    expect(printFindings(record, differences)).toContain('conflictKey: "url+scope"  (the sandbox\'s default is "url")');
  }, 60_000);

  test.each<[string, Partial<Switches>, string | undefined, readonly string[]]>([
    [
      'other settings',
      { conflictKey: 'user+scope+events', legacyScopes: true, ignoreDelete: true },
      undefined,
      ['account', 'subscriptions'],
    ],
    [
      'a second kind of delivery',
      { bodyEscaping: 'html', onTokenRevoked: 'delete' },
      undefined,
      ['deliveries', 'revocation'],
    ],
    ['a refusing plan', { webhooksOnFreePlan: false }, 'carol', ['subscriptions']],
    ['webhooks for all', { webhooksOnFreePlan: true, conflictKey: 'url' }, 'carol', ['subscriptions']],
    ['callbacks that need https', { requireHttpsCallback: true }, undefined, ['subscriptions']],
    ['no limits', { tokenRateLimit: null, apiRateLimit: null }, undefined, ['limits']],
  ])('finds %s', async (_name, switches, account, groups) => {
    const { record } = await probe({ switches, ...(account && { account }), groups });
    expect(switchesOf(record)).toMatchObject(switches);
  });

  test('every switch that a group names was turned in a test', () => {
    const named = new Set(GROUPS.flatMap(({ finds }) => finds));
    const elsewhere = ['legacyScopes', 'ignoreDelete', 'webhooksOnFreePlan', 'requireHttpsCallback'];
    expect([...named].sort()).toEqual([...Object.keys(turned), ...elsewhere].sort());
    for (const [name, value] of Object.entries(turned))
      expect(defaultSwitches[name as keyof Switches]).not.toEqual(value);
  });
});

describe('the course of a probe', () => {
  test('asks before each group, deletes what it made when it is broken off, and goes on from there', async () => {
    const sandbox = await sandboxForTest();
    const settings = await settingsFor(sandbox);
    const kept: ProbeRecord[] = [];
    const save = (record: ProbeRecord) => void kept.push(structuredClone(record));
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const asked: string[] = [];
    const person: Person = {
      ...sandboxPerson(sandbox, 'alice'),
      agrees: async ({ name }) => asked.push(name) > 0 && name !== 'tokens',
      // Nobody books: the probe waits for the delivery when it is broken off.
      books: async () => stop.abort(),
    };
    const record = newProbeRecord(new Date());
    await expect(runProbe({ settings, person, record, save, signal: stop.signal })).rejects.toThrow('Broken off');
    expect(asked).toEqual(['account', 'agents', 'tokens', 'subscriptions', 'deliveries']);
    expect(sandbox.controls.subscriptions()).toEqual([]);
    expect(sandbox.controls.tokens('alice')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });

    const taken = kept.at(-1)!;
    expect(Object.keys(taken.groups)).toEqual(['account', 'agents', 'subscriptions']);
    const again: string[] = [];
    await runProbe({
      settings,
      person: {
        ...sandboxPerson(sandbox, 'alice'),
        agrees: async ({ name }) => again.push(name) > 0 && name === 'deliveries',
      },
      record: taken,
      save,
    });
    expect(again.slice(0, 2)).toEqual(['tokens', 'deliveries']);
    expect(switchesOf(taken)).toMatchObject({ signingKeyPrecedence: 'subscription' });
  });
});

describe('the comparison', () => {
  test('a shape that the sandbox does not give is told', () => {
    const answer = { step: 's', headers: {}, said: null };
    const withAnswer = (status: number, shape: string[]): ProbeRecord => ({
      ...newProbeRecord(new Date()),
      groups: { account: { at: '', switches: {}, notes: [], answers: [{ ...answer, status, shape }] } },
    });
    const ours = withAnswer(200, ['$: object', '$.id: string', '$.old: null', '$.gone: string']);
    const theirs = withAnswer(200, ['$: object', '$.id: number', '$.old: object', '$.old.x: string', '$.new: string']);
    expect(differencesOf(theirs, ours)).toEqual([
      'account, s: $.gone is in the sandbox only',
      'account, s: $.id is number at Calendly, string in the sandbox',
      'account, s: $.new is at Calendly only',
    ]);
    expect(differencesOf(withAnswer(400, []), ours)).toEqual(['account, s: 400 at Calendly, 200 in the sandbox']);
  });
});
