import type { Config } from '../../config/load-config.ts';
import { broken, reasonOf, unknown, well, type Finding } from './finding.ts';

const TIMEOUT_MS = 15_000;
const MOST_READ = 64 * 1024;

/**
 * Asks Calendly about a token that does not exist. The answer tells whether client id and secret are right. No token is made, used or
 * revoked.
 */
export async function checkCalendly({ mode, calendly }: Config): Promise<Finding[]> {
  if (mode === 'sandbox') return [well('Calendly', 'The built-in sandbox is used.')];
  return Promise.all(calendly.clients.map(checkClient));
}

type Client = Config['calendly']['clients'][number];

async function checkClient({ name, authBaseUrl, clientId, clientSecret }: Client): Promise<Finding> {
  const isDefault = name === 'default';
  const about = isDefault ? 'Calendly' : `Calendly ${name}`;
  const settings = isDefault ? 'CALENDLY_CLIENT_ID and CALENDLY_CLIENT_SECRET' : `${name} in CALENDLY_CLIENTS`;
  try {
    const response = await fetch(`${authBaseUrl}/oauth/introspect`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, token: 'not-a-token' }),
    });
    const text = (await response.text()).slice(0, MOST_READ);
    if (response.status === 200) return well(about, `${authBaseUrl} accepts the client id and its secret.`);
    if (response.status === 401 && text.includes('invalid_client'))
      return broken(
        about,
        `${authBaseUrl} does not know this client id with this secret.`,
        `Compare ${settings} with the application at developer.calendly.com.`,
      );
    return unknown(about, `${authBaseUrl} answered ${response.status}, so nobody knows whether the client is right.`);
  } catch (error) {
    return broken(
      about,
      `${authBaseUrl} cannot be reached (${reasonOf(error)}).`,
      'Check whether a proxy or a firewall blocks calls from this machine.',
    );
  }
}
