import type { Sandbox } from '../../../src/sandbox/index.ts';
import { CHILD_API_KEY } from './start-service-child.ts';
import { CLIENT } from './start-test-service.ts';

/** What a service needs to be told to use this database and this Calendly. */
export function serviceEnvironment({
  databaseUrl,
  publicUrl,
  sandbox,
  encryptionKeys,
}: {
  databaseUrl: string;
  publicUrl: string;
  sandbox: Sandbox;
  encryptionKeys: string;
}): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: publicUrl,
    CALENDLY_CLIENT_ID: CLIENT.clientId,
    CALENDLY_CLIENT_SECRET: CLIENT.clientSecret,
    CALENDLY_AUTH_BASE_URL: sandbox.url,
    CALENDLY_API_BASE_URL: sandbox.url,
    ENCRYPTION_KEYS: encryptionKeys,
    API_KEYS: CHILD_API_KEY,
    INSPECTOR_PASSWORD: 'test-inspector-password',
    LOG_LEVEL: 'debug',
  };
}
