import { ConfigurationError } from '../config/configuration-error.ts';
import { isLoopback } from '../config/parsers.ts';
import type { Installation } from '../connection/dispatch/check-installation.ts';

/**
 * The sandbox comes with a page that has no login and names tenants and invitees. On the database of a service with the real Calendly, it
 * would show real people. Returns null if the database belongs to a sandbox, too.
 */
export function refuseRealDatabase({ publicUrl, apiBaseUrl }: Installation): ConfigurationError | null {
  if (isLoopback(new URL(apiBaseUrl).hostname)) return null;
  const problem =
    `is sandbox, but the database belongs to ${publicUrl}, which uses the real Calendly: give CALENDLY_CLIENT_ID and ` +
    'CALENDLY_CLIENT_SECRET back, or use another DATABASE_URL or DATA_DIR';
  return new ConfigurationError([{ variable: 'MODE', problem }]);
}
