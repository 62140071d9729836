import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/config/configuration-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const production = {
  PUBLIC_URL: 'https://meetings.example.com',
  CALENDLY_CLIENT_ID: 'client',
  CALENDLY_CLIENT_SECRET: 'canary-client-secret',
  ENCRYPTION_KEYS: `${key('new')}, ${key('old')}`,
  API_KEYS: 'a-key-of-the-first-host,a-key-of-the-second-host',
  INSPECTOR_PASSWORD: 'canary-password',
};
const local = () => ({
  ENCRYPTION_KEYS: key('local'),
  API_KEYS: 'generated-api-key',
  INSPECTOR_PASSWORD: 'generated-password',
  CALENDLY_CLIENT_ID: 'sandbox-client',
  CALENDLY_CLIENT_SECRET: 'sandbox-secret',
});
const load = (env: Record<string, string>) => loadConfig(env, { dataDir: '/data', localSecrets: local });
const faultsOf = (env: Record<string, string>) => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('accepted');
};
const variables = (env: Record<string, string>) =>
  faultsOf(env)
    .faults.map(({ variable }) => variable)
    .sort();

describe('loadConfig', () => {
  test('needs nothing for the sandbox', () => {
    const config = load({});
    expect(config.mode).toBe('sandbox');
    expect(config.publicUrl).toBe('http://127.0.0.1:3000');
    expect(config.databaseUrl).toBeNull();
    expect(config.calendly).toMatchObject({
      clientId: 'sandbox-client',
      clientSecret: 'sandbox-secret',
      authBaseUrl: 'http://127.0.0.1:3001',
      apiBaseUrl: 'http://127.0.0.1:3001',
      scopes: ['users:read', 'scheduled_events:read', 'webhooks:read', 'webhooks:write'],
      webhookScope: 'user',
      webhookEvents: ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'],
    });
    expect(config.apiKeys.map(({ secret }) => secret)).toEqual(['generated-api-key']);
    expect(config.returnToOrigins).toEqual(['http://127.0.0.1:3000']);
    expect(config.retention).toEqual({ historyDays: 400, exchangesDays: 30, deliveriesDays: 90 });
  });

  test('prefers given secrets to generated ones', () => {
    const config = load({
      MODE: 'sandbox',
      API_KEYS: 'a-key-of-the-first-host',
      PORT: '8080',
      HOST: ' 0.0.0.0 ',
    });
    expect(config.apiKeys.map(({ secret }) => secret)).toEqual(['a-key-of-the-first-host']);
    expect(config).toMatchObject({ port: 8080, host: '0.0.0.0', publicUrl: 'http://127.0.0.1:8080' });
    // Only what nobody gave is told to a person.
    expect(config.generated).toEqual({ apiKey: undefined, inspectorPassword: 'generated-password' });
  });

  test('uses the real Calendly when a client is given, and generates nothing', () => {
    const config = loadConfig(production, { dataDir: '/data', localSecrets: () => expect.fail('must not be called') });
    expect(config.mode).toBe('calendly');
    expect(config.calendly.apiBaseUrl).toBe('https://api.calendly.com');
    expect(config.encryptionKeys.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(config.encryptionKeys[0]!.key.export()).toHaveLength(32);
    expect(config.returnToOrigins).toEqual(['https://meetings.example.com']);
  });

  test('refuses to start against the real Calendly without its secrets', () => {
    expect(variables({ CALENDLY_CLIENT_ID: 'client' })).toEqual([
      'API_KEYS',
      'CALENDLY_CLIENT_SECRET',
      'ENCRYPTION_KEYS',
      'INSPECTOR_PASSWORD',
      'PUBLIC_URL',
    ]);
    expect(variables({ ...production, CALENDLY_CLIENT_ID: '  ' })).toEqual(['CALENDLY_CLIENT_ID']);
  });

  test('reports every fault at once and repeats no secret', () => {
    const error = faultsOf({
      ...production,
      PORT: '80a',
      SANDBOX_PORT: '70000',
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'http://meetings.example.com',
      DATABASE_URL: 'mysql://user:canary-database@localhost/x',
      ENCRYPTION_KEYS: 'one:canary-key',
      API_KEYS: 'canary-short',
      INSPECTOR_PASSWORD: 'canary',
      CALENDLY_API_BASE_URL: 'http://api.calendly.com',
      CALENDLY_WEBHOOK_EVENTS: 'invitee.created,invitee.moved',
      CALENDLY_SCOPES: 'everything',
      RETURN_TO_ORIGINS: 'https://app.example.com/path',
      POLLING_MINUTES: '1.5',
    });
    expect(error.faults.map(({ variable }) => variable).sort()).toEqual([
      'API_KEYS',
      'CALENDLY_API_BASE_URL',
      'CALENDLY_SCOPES',
      'CALENDLY_WEBHOOK_EVENTS',
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'INSPECTOR_PASSWORD',
      'LOG_LEVEL',
      'POLLING_MINUTES',
      'PORT',
      'PUBLIC_URL',
      'RETURN_TO_ORIGINS',
      'SANDBOX_PORT',
    ]);
    expect(error.message).not.toContain('canary');
    for (const { variable } of error.faults) expect(error.message).toContain(variable);
  });

  test.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://localhost:3000/', 'http://localhost:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://example.com/calendly/', 'https://example.com/calendly'],
  ])('accepts %s as PUBLIC_URL', (given, publicUrl) => {
    expect(load({ ...production, PUBLIC_URL: given }).publicUrl).toBe(publicUrl);
  });

  test.each([
    'example.com',
    'ftp://example.com',
    'https://user:pass@example.com',
    'https://example.com/?a=1',
    'http://127.0.0.1.example.com',
  ])('refuses %s as PUBLIC_URL', (given) =>
    expect(variables({ ...production, PUBLIC_URL: given })).toEqual(['PUBLIC_URL']),
  );

  test('lets a loopback stand-in for Calendly be plain http', () => {
    const config = load({
      ...production,
      CALENDLY_AUTH_BASE_URL: 'http://localhost:4000',
      CALENDLY_API_BASE_URL: 'http://127.0.0.1:4000/',
    });
    expect(config.calendly).toMatchObject({
      authBaseUrl: 'http://localhost:4000',
      apiBaseUrl: 'http://127.0.0.1:4000',
    });
  });

  test('refuses base URLs of a Calendly without a client, and the sandbox on the own port', () => {
    expect(variables({ CALENDLY_API_BASE_URL: 'http://127.0.0.1:4000', SANDBOX_PORT: '3000' })).toEqual([
      'CALENDLY_API_BASE_URL',
      'SANDBOX_PORT',
    ]);
  });

  test('refuses repeated key ids and keys of another length', () => {
    const once = key('a');
    expect(variables({ ...production, ENCRYPTION_KEYS: `${once},${key('a')}` })).toEqual(['ENCRYPTION_KEYS']);
    expect(variables({ ...production, ENCRYPTION_KEYS: `a:${randomBytes(16).toString('base64')}` })).toEqual([
      'ENCRYPTION_KEYS',
    ]);
  });

  test('knows which events a subscription scope can have', () => {
    expect(variables({ CALENDLY_WEBHOOK_EVENTS: 'routing_form_submission.created' })).toEqual([
      'CALENDLY_WEBHOOK_EVENTS',
    ]);
    const config = load({
      CALENDLY_WEBHOOK_EVENTS: 'invitee.created, invitee.canceled,',
      CALENDLY_WEBHOOK_SCOPE: 'organization',
    });
    expect(config.calendly.webhookEvents).toEqual(['invitee.created', 'invitee.canceled']);
  });

  test('takes a name from a header only with the addresses that it is believed from', () => {
    const header = { INSPECTOR_IDENTITY_HEADER: 'X-Forwarded-Email' };
    const { INSPECTOR_PASSWORD: _, ...withoutPassword } = production;
    expect(faultsOf({ ...production, ...header }).message).toBe(
      'The configuration is refused: TRUSTED_PROXIES is required, because INSPECTOR_IDENTITY_HEADER is set',
    );
    const config = load({ ...withoutPassword, ...header, TRUSTED_PROXIES: '10.1.0.0/16, 10.0.0.5, ::1' });
    expect(config.inspectorIdentity).toEqual({ header: 'x-forwarded-email', operators: null });
    expect(config.inspectorPassword).toBe('');
    expect(config.trustedProxies).toEqual([
      { address: '10.1.0.0', prefix: 16, family: 'ipv4' },
      { address: '10.0.0.5', prefix: 32, family: 'ipv4' },
      { address: '::1', prefix: 128, family: 'ipv6' },
    ]);
    expect(variables({ ...production, INSPECTOR_IDENTITY_OPERATORS: 'ann' })).toEqual(['INSPECTOR_IDENTITY_HEADER']);
    for (const TRUSTED_PROXIES of ['proxy.example', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.5/x', ','])
      expect(variables({ ...production, ...header, TRUSTED_PROXIES }), TRUSTED_PROXIES).toEqual(['TRUSTED_PROXIES']);
    for (const INSPECTOR_IDENTITY_HEADER of ['Cookie', 'Authorization', 'X Name', 'X-Forwarded-For', 'Accept-Language'])
      expect(variables({ ...production, INSPECTOR_IDENTITY_HEADER, TRUSTED_PROXIES: '::1' })).toEqual([
        'INSPECTOR_IDENTITY_HEADER',
      ]);
  });

  test('is frozen all the way down', () => {
    const config = load({ RETURN_TO_ORIGINS: 'https://a.example.com/,http://localhost:5173' });
    expect(config.returnToOrigins).toEqual(['https://a.example.com', 'http://localhost:5173']);
    const parts = [
      config,
      config.calendly,
      config.calendly.scopes,
      config.encryptionKeys,
      config.encryptionKeys[0],
      config.retention,
    ];
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
    expect(JSON.stringify(config.encryptionKeys)).not.toMatch(/[A-Za-z0-9+/]{43}/);
  });
});
