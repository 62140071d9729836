import { parseBaseUrl, parseSigningKeys, type ApplicationKey, type Parsed, type PlainHttp } from './parsers.ts';

/** One OAuth application of Calendly, as the configuration names it. */
export interface NamedClient {
  name: string;
  clientId: string;
  clientSecret: string;
  authBaseUrl: string;
  apiBaseUrl: string;
  signingKeys: readonly ApplicationKey[];
}

const MOST_CLIENTS = 50;
const FIELDS = ['clientId', 'clientSecret', 'authBaseUrl', 'apiBaseUrl', 'signingKeys'];

/**
 * `{"brand-b": {"clientId": "…", "clientSecret": "…"}}`. What a client does not say is as the default client has it. Its faults name the client
 * and never repeat a value.
 */
export function parseClients(
  text: string,
  byDefault: Pick<NamedClient, 'name' | 'clientId' | 'authBaseUrl' | 'apiBaseUrl'>,
  plainHttp: PlainHttp,
): Parsed<readonly NamedClient[]> {
  const given = readJson(text);
  if (given === null) return { problem: 'must be JSON such as {"brand-b": {"clientId": "…", "clientSecret": "…"}}' };
  const entries = Object.entries(given);
  if (entries.length > MOST_CLIENTS) return { problem: `must name ${MOST_CLIENTS} clients at most` };
  const clients: NamedClient[] = [];
  for (const [name, value] of entries) {
    if (!/^[a-z0-9][a-z0-9._-]{0,39}$/.test(name))
      return { problem: 'has a name that is not 1 to 40 of a-z 0-9 . _ - and begins with a letter or digit' };
    if (name === byDefault.name) return { problem: `must not name ${name}: that is the client of CALENDLY_CLIENT_ID` };
    const client = readClient(name, value, byDefault, plainHttp);
    if ('problem' in client) return { problem: `has a client ${name} that ${client.problem}` };
    const twin = [byDefault, ...clients].find((other) => isSame(other, client.value));
    if (twin !== undefined) return { problem: `has a client ${name} that is the same application as ${twin.name}` };
    clients.push(client.value);
  }
  return { value: clients };
}

type Place = Pick<NamedClient, 'clientId' | 'authBaseUrl'>;
const isSame = (one: Place, other: Place): boolean =>
  one.clientId === other.clientId && one.authBaseUrl === other.authBaseUrl;

function readJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // The message of JSON.parse quotes the text, which has secrets in it.
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readClient(
  name: string,
  value: unknown,
  byDefault: Pick<NamedClient, 'authBaseUrl' | 'apiBaseUrl'>,
  plainHttp: PlainHttp,
): Parsed<NamedClient> {
  if (!isObject(value)) return { problem: 'is not an object' };
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return { problem: `has a field that is none of ${FIELDS.join(', ')}` };
  const { clientId, clientSecret, signingKeys = [] } = value;
  if (!isVisible(clientId)) return { problem: 'has no clientId of visible ASCII characters' };
  if (!isVisible(clientSecret)) return { problem: 'has no clientSecret of visible ASCII characters' };
  const authBaseUrl = baseUrl(value['authBaseUrl'], byDefault.authBaseUrl, plainHttp);
  if ('problem' in authBaseUrl) return { problem: `has an authBaseUrl that ${authBaseUrl.problem}` };
  const apiBaseUrl = baseUrl(value['apiBaseUrl'], byDefault.apiBaseUrl, plainHttp);
  if ('problem' in apiBaseUrl) return { problem: `has an apiBaseUrl that ${apiBaseUrl.problem}` };
  if (!Array.isArray(signingKeys) || !signingKeys.every((key) => typeof key === 'string'))
    return { problem: 'has signingKeys that are no list of texts' };
  const keys: Parsed<readonly ApplicationKey[]> =
    signingKeys.length === 0 ? { value: [] } : parseSigningKeys(signingKeys.join(','));
  if ('problem' in keys) return { problem: `has signingKeys that ${keys.problem}` };
  return {
    value: {
      name,
      clientId,
      clientSecret,
      authBaseUrl: authBaseUrl.value,
      apiBaseUrl: apiBaseUrl.value,
      signingKeys: keys.value,
    },
  };
}

const isVisible = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,500}$/.test(value);

function baseUrl(value: unknown, byDefault: string, plainHttp: PlainHttp): Parsed<string> {
  if (value === undefined) return { value: byDefault };
  return typeof value === 'string' ? parseBaseUrl(value, plainHttp) : { problem: 'is no text' };
}
