import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { freePort } from '../../support/service/free-port.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { runProgram, type RunningProgram } from '../../support/service/run-program.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const PATIENCE = 60_000;
const MAIN = 'src/main.ts';
const SCENARIOS = [
  'First connection',
  'Reconnection with the same account',
  'Switch to a different account',
  'Disconnect',
];

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
});

describe('the checklist with the sandbox', () => {
  test(
    'with nothing configured all four scenarios pass, and the figures are printed',
    async () => {
      const program = runProgram(MAIN, ['checklist']);
      expect(await program.ended, program.stderr()).toBe(0);
      for (const scenario of SCENARIOS) expect(program.stdout()).toContain(` passed   ${scenario}\n`);
      expect(program.stdout()).toMatch(/redirects per reconnect +0\.0\n/);
      expect(program.stdout()).toMatch(/webhooks per tenant after 10 reconnects +1\n/);
      expect(program.stdout()).toMatch(/Calendly calls per reconnect +\d+\.\d /);
      expect(program.stdout()).toMatch(/seconds from booking to visible +\d+\.\d\d, \d+\.\d\d, \d+\.\d\d\n/);
      expect(program.stdout()).toContain('All 4 scenarios passed.');
    },
    PATIENCE,
  );

  test(
    'where webhooks cannot be deleted it says which scenarios fail, and exits with 1',
    async () => {
      const fault = {
        method: 'DELETE',
        path: '/webhook_subscriptions/:uuid',
        kind: 'respond',
        status: 500,
        times: 'forever',
      };
      const program = runProgram(MAIN, [
        'checklist',
        '--patience',
        '2',
        '--reconnects',
        '1',
        '--fault',
        JSON.stringify(fault),
      ]);
      expect(await program.ended, program.stderr()).toBe(1);
      expect(program.stdout()).toContain(' passed   First connection\n');
      expect(program.stdout()).toMatch(/FAILED the first account’s webhook is gone +1/);
      expect(program.stdout()).toContain('Failed: Switch to a different account · Disconnect');
    },
    PATIENCE,
  );

  test(
    'where Calendly takes no token request nothing hangs: the later scenarios are not tried',
    async () => {
      const fault = { method: 'POST', path: '/oauth/token', kind: 'respond', status: 500, times: 'forever' };
      const program = runProgram(MAIN, ['checklist', '--patience', '2', '--fault', JSON.stringify(fault)]);
      expect(await program.ended, program.stderr()).toBe(1);
      expect(program.stdout()).toContain('FAILED   First connection');
      expect(program.stdout()).toContain('not tried: nothing is connected');
    },
    PATIENCE,
  );
});

describe('the checklist with a person', () => {
  test(
    'with credentials it asks a person for the clicks, and leaves nothing at Calendly',
    async () => {
      const { calendly, env } = await credentials();
      const program = runProgram(MAIN, ['checklist', '--reconnects', '2'], { env });
      await giveConsent(await asked(program, /http\S+\/oauth\/authorize\S+/g, 0), 'alice');
      for (const [at, account] of ['alice', 'alice'].entries()) {
        await asked(program, /http\S+\/book\/\S+/g, at);
        calendly.controls.book({ account, name: `Person ${at}`, email: 'person@guest.example' });
      }
      await giveConsent(await asked(program, /http\S+\/oauth\/authorize\S+/g, 1), 'bob');
      await asked(program, /http\S+\/book\/\S+/g, 2);
      calendly.controls.book({ account: 'bob', name: 'Person 2', email: 'person@guest.example' });

      expect(await program.ended, program.stdout()).toBe(0);
      expect(program.stdout()).toMatch(/one webhook is created +1 \(listed at Calendly\)/);
      expect(program.stdout()).toMatch(/the tokens are revoked +0 \(Calendly answered 200 to the revocation\)/);
      expect(calendly.controls.subscriptions()).toEqual([]);
      expect(calendly.controls.tokens('bob')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });
    },
    PATIENCE,
  );

  test(
    'a PUBLIC_URL that does not lead here is said before anybody is asked to click',
    async () => {
      const { env } = await credentials();
      const elsewhere = `http://127.0.0.1:${await freePort()}`;
      const program = runProgram(MAIN, ['checklist'], { env: { ...env, PUBLIC_URL: elsewhere } });
      expect(await program.ended).toBe(1);
      expect(program.stderr()).toContain(`${elsewhere} (PUBLIC_URL) does not lead to the service`);
    },
    PATIENCE,
  );

  test(
    'a person who does not come is not waited for longer than was said',
    async () => {
      const { env } = await credentials();
      const program = runProgram(MAIN, ['checklist', '--person', '0.02'], { env });
      expect(await program.ended).toBe(1);
      expect(program.stdout()).toContain('Somebody answers the consent page: not within');
    },
    PATIENCE,
  );
});

/** A Calendly of which only the address and the credentials are known. */
async function credentials(): Promise<{ calendly: Sandbox; env: Record<string, string> }> {
  const client = { clientId: 'checklist-client', clientSecret: 'checklist-secret' };
  const calendly = (sandbox = await startSandbox(client));
  const port = await freePort();
  const database = await createTestDatabase();
  return {
    calendly,
    env: {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATABASE_URL: database.url,
      CALENDLY_CLIENT_ID: client.clientId,
      CALENDLY_CLIENT_SECRET: client.clientSecret,
      CALENDLY_AUTH_BASE_URL: calendly.url,
      CALENDLY_API_BASE_URL: calendly.url,
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      API_KEYS: 'checklist-api-key-value',
      INSPECTOR_PASSWORD: 'checklist-password',
    },
  };
}

/** The link with this number that the program printed for its person. */
const asked = (program: RunningProgram, link: RegExp, at: number): Promise<string> =>
  waitFor(() => program.stderr().match(link)?.[at], { timeoutMs: 20_000, describe: `link ${at} like ${link}` });
