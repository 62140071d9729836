import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/config/configuration-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const real = {
  PUBLIC_URL: 'https://meetings.example.com',
  DATABASE_URL: 'postgres://user:canary@db.example.com/x',
  CALENDLY_CLIENT_ID: 'client',
  CALENDLY_CLIENT_SECRET: 'client-secret',
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  API_KEYS: 'a-key-of-the-first-host',
  INSPECTOR_PASSWORD: 'canary-password',
};
const load = (env: Record<string, string>) => loadConfig(env, { dataDir: mkdtempSync(join(folder, 'data-')) });
const messageOf = (env: Record<string, string>): string => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'accepted';
};
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(real).filter(([name]) => !names.includes(name)));

describe('a configuration that lost its client', () => {
  const client = ['CALENDLY_CLIENT_ID', 'CALENDLY_CLIENT_SECRET'];

  test('is no sandbox: it is refused in one line that says what to do', () => {
    const blank = { ...real, CALENDLY_CLIENT_ID: '', CALENDLY_CLIENT_SECRET: ' ' };
    for (const env of [without(...client), blank]) {
      const message = messageOf(env);
      expect(message).toMatch(/^The configuration is refused: MODE is unset, and DATABASE_URL, .*set MODE=sandbox$/);
      expect(message).not.toContain('canary');
    }
  });

  test.each([
    { DATABASE_URL: 'postgres://db.example.com/x' },
    { PUBLIC_URL: 'https://meetings.example.com' },
    { HOST: '0.0.0.0' },
    { API_KEYS: 'a-key-of-the-first-host' },
    { ENCRYPTION_KEYS: real.ENCRYPTION_KEYS },
    { ADOPT_INSTALLATION: 'https://meetings.example.com' },
  ])('is refused for %o alone', (env: Record<string, string>) => {
    expect(messageOf(env)).toMatch(/^The configuration is refused: MODE is unset, and [A-Z_]+ is set without/);
    expect(load({ ...env, MODE: 'sandbox' }).mode).toBe('sandbox');
  });

  test('is refused for a secret whose file is not there, and nothing is generated', () => {
    const path = join(folder, 'not-mounted');
    expect(messageOf({ CALENDLY_CLIENT_SECRET_FILE: path })).toContain(`${path}, which cannot be read (ENOENT)`);
    const message = messageOf({ ...without('CALENDLY_CLIENT_SECRET'), CALENDLY_CLIENT_SECRET_FILE: path });
    expect(message).toBe(
      `The configuration is refused: CALENDLY_CLIENT_SECRET_FILE names ${path}, which cannot be read (ENOENT): is the secret mounted?`,
    );
  });

  test('is not taken for the sandbox with settings that a person tries out at home, either', () => {
    expect(load({ HOST: '::1', PUBLIC_URL: 'http://localhost:4000', PORT: '4000', LOG_LEVEL: 'debug' }).mode).toBe(
      'sandbox',
    );
  });
});

describe('MODE', () => {
  test('calendly needs everything', () => {
    for (const name of ['CALENDLY_CLIENT_ID', 'API_KEYS', 'PUBLIC_URL'])
      expect(messageOf({ MODE: 'calendly' })).toContain(name);
    expect(load({ ...real, MODE: 'calendly' }).mode).toBe('calendly');
  });

  test('sandbox takes no client, so that no real one is used by mistake', () => {
    expect(messageOf({ MODE: 'sandbox', CALENDLY_CLIENT_ID: 'client' })).toContain(
      'CALENDLY_CLIENT_ID is set, but MODE=sandbox',
    );
  });
});

describe('a secret', () => {
  test('comes from a file, without the line end', () => {
    const config = load({
      ...without('CALENDLY_CLIENT_SECRET', 'API_KEYS', 'DATABASE_URL'),
      CALENDLY_CLIENT_SECRET_FILE: file('client', 'from-a-file\n'),
      API_KEYS_FILE: file('keys', 'one-key-out-of-a-file\n'),
      DATABASE_URL_FILE: file('database', 'postgres://db.example.com/y\n'),
    });
    expect(config.calendly.clientSecret).toBe('from-a-file');
    expect(config.apiKeys.map(({ secret }) => secret)).toEqual(['one-key-out-of-a-file']);
    expect(config.databaseUrl).toBe('postgres://db.example.com/y');
  });

  test('is refused as a file that is empty, a folder, too large, or given twice', () => {
    const asFile = (path: string) => messageOf({ ...without('API_KEYS'), API_KEYS_FILE: path });
    expect(asFile(file('empty', '\n'))).toContain('which is empty');
    expect(asFile(folder)).toContain('EISDIR');
    expect(asFile(file('large', 'x'.repeat(70_000)))).toContain('too large');
    expect(messageOf({ ...real, API_KEYS_FILE: file('twice', 'x') })).toContain(
      'API_KEYS_FILE and API_KEYS are both set',
    );
  });

  test.each([
    ['API_KEYS', 'aaaaaaaaaaaaaaaaaaaaaaaa'],
    ['API_KEYS', 'changeme-changeme-changeme'],
    ['API_KEYS', 'abc-123-abc-123-abc-123-'],
    ['API_KEYS', '0123456789abcdefghij'],
    ['API_KEYS', 'your-secret-api-key-here'],
    ['INSPECTOR_PASSWORD', 'Password123!'],
    ['INSPECTOR_PASSWORD', 'admin-2024'],
    ['INSPECTOR_PASSWORD', 'inspector'],
    ['ENCRYPTION_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`],
    ['ENCRYPTION_KEYS', `k1:${Buffer.from('passwordpasswordpasswordpassword').toString('base64')}`],
    ['ENCRYPTION_KEYS', `k1:${Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64')}`],
  ])('%s is refused where it can be guessed: %s', (name, value) => {
    const message = messageOf({ ...real, [name]: value });
    expect(message).toMatch(new RegExp(`^The configuration is refused: ${name} .*openssl rand`));
    expect(message).not.toContain(value);
  });

  test('is taken where a random generator made it', () => {
    for (let time = 0; time < 200; time++) {
      const env = {
        ...real,
        API_KEYS: `${randomBytes(24).toString('hex')},${randomBytes(12).toString('base64url')}`,
        INSPECTOR_PASSWORD: randomBytes(6).toString('base64url'),
        ENCRYPTION_KEYS: `k:${randomBytes(32).toString('base64')}`,
        EVENTS_URL: 'https://host.example',
        EVENTS_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
      };
      expect(messageOf(env)).toBe('accepted');
    }
  });
});
