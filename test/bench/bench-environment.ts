import { randomBytes } from 'node:crypto';

export const API_KEY = 'bench-api-key-of-16-characters';
const ENCRYPTION_KEYS = `k:${randomBytes(32).toString('base64')}`;
/** Nothing answers there. */
const NOWHERE = 'http://127.0.0.1:9';

/** The settings of a service under `publicUrl`, whose Calendly does not answer. */
export const benchEnvironment = (publicUrl: string): Record<string, string> => ({
  PUBLIC_URL: publicUrl,
  CALENDLY_CLIENT_ID: 'bench',
  CALENDLY_CLIENT_SECRET: 'bench-secret',
  CALENDLY_AUTH_BASE_URL: NOWHERE,
  CALENDLY_API_BASE_URL: NOWHERE,
  API_KEYS: API_KEY,
  ENCRYPTION_KEYS,
  INSPECTOR_PASSWORD: 'bench-password',
});
