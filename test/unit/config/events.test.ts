import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/config/configuration-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { testServiceEnvironment } from '../../support/service/start-test-service.ts';

const secret = (bytes: number) => `whsec_${randomBytes(bytes).toString('base64')}`;
const load = (env: Record<string, string>) =>
  loadConfig(
    {
      ...testServiceEnvironment({
        publicUrl: 'http://127.0.0.1:3000',
        port: 3000,
        calendlyUrl: 'http://127.0.0.1:3001',
      }),
      ...env,
    },
    { dataDir: '/nonexistent' },
  );
const faultsOf = (env: Record<string, string>) => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return null;
};

test('sends nothing without EVENTS_URL, and takes the address and several secrets as they are given', () => {
  expect(load({}).hostEvents).toEqual({
    url: null,
    secrets: [],
    rescheduleWindowSeconds: 60,
    parkAfterHours: 72,
    retentionDays: 30,
  });
  const secrets = [secret(24), secret(64)];
  const given = load({
    EVENTS_URL: 'https://host.example/hook?from=calendly',
    EVENTS_SECRET: secrets.join(', '),
    EVENTS_RESCHEDULE_WINDOW_SECONDS: '0',
  });
  expect(given.hostEvents).toMatchObject({
    url: 'https://host.example/hook?from=calendly',
    secrets,
    rescheduleWindowSeconds: 0,
  });
});

test.each([
  ['http://host.example/hook'],
  ['ftp://host.example'],
  ['http://10.0.0.1/hook'],
  ['host.example'],
  ['https://user:pass@host.example/'],
  ['https://host.example/#x'],
])('refuses to post to %s', (url) => {
  expect(faultsOf({ EVENTS_URL: url, EVENTS_SECRET: secret(32) })).toContain('EVENTS_URL');
});

test('takes http for loopback, and asks for a secret that is one, without repeating it', () => {
  expect(faultsOf({ EVENTS_URL: 'http://127.0.0.1:9/hook', EVENTS_SECRET: secret(32) })).toBeNull();
  expect(faultsOf({ EVENTS_URL: 'http://127.0.0.1:9/hook' })).toContain('EVENTS_SECRET');
  for (const wrong of ['hunter2', secret(23), secret(65), 'whsec_', 'whsec_a_b-c', `${secret(32)},nonsense`]) {
    const message = faultsOf({ EVENTS_URL: 'http://127.0.0.1:9/hook', EVENTS_SECRET: wrong });
    expect(message).toContain('EVENTS_SECRET');
    if (wrong !== 'whsec_') expect(message).not.toContain(wrong);
  }
});
