/** The body of the import route, and the tenant that it is for. */
export interface TenantImport {
  tenantId: string;
  body: {
    client?: string;
    refreshToken: string;
    accessToken?: string;
    expiresAt?: string;
    scope?: string;
    webhooks?: { uri?: string; callbackUrl?: string }[];
    keepWebhooks?: boolean;
  };
}

export type Read = { tenantId: string | null; faults: string[] } | TenantImport;

/** Two spellings of each field: the route's own, and the columns of a database table that was exported unchanged. */
const NAMES: Record<string, string> = {
  tenantId: 'tenantId',
  tenant_id: 'tenantId',
  client: 'client',
  refreshToken: 'refreshToken',
  refresh_token: 'refreshToken',
  accessToken: 'accessToken',
  access_token: 'accessToken',
  expiresAt: 'expiresAt',
  expires_at: 'expiresAt',
  token_expires_at: 'expiresAt',
  scope: 'scope',
  webhooks: 'webhooks',
  webhookUri: 'webhookUri',
  webhook_uri: 'webhookUri',
  callbackUrl: 'callbackUrl',
  webhook_callback_url: 'callbackUrl',
  keepWebhooks: 'keepWebhooks',
  keep_webhooks: 'keepWebhooks',
  // A new webhook gets a new signing key, so the former one is not needed. It is read and dropped.
  webhookSigningKey: 'ignored',
  webhook_signing_key: 'ignored',
};
const TENANT_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;
const MOST_TOKEN_LENGTH = 4096;

/** Makes an import of one record, or says all that is wrong with it. Faults name fields and never their values, which are secrets. */
export function toImport(record: Record<string, unknown>): Read {
  const faults: string[] = [];
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const name = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
    if (name === undefined) faults.push(`"${key.slice(0, 40)}" is not a field of an import`);
    else if (name in given) faults.push(`${name} appears twice`);
    else if (value !== null && value !== undefined && value !== '') given[name] = value;
  }
  const text = (name: string, most: number): string | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.length <= most && !/[\s\u0000]/.test(value)) return value;
    faults.push(`${name} is not a text of at most ${most} characters without spaces`);
    return undefined;
  };
  const tenantId = typeof given['tenantId'] === 'string' ? given['tenantId'] : '';
  if (!TENANT_ID.test(tenantId)) faults.push('tenantId must be 1 to 128 of A-Z a-z 0-9 . _ : -, and neither . nor ..');
  const client = text('client', 40);
  const refreshToken = text('refreshToken', MOST_TOKEN_LENGTH);
  if (given['refreshToken'] === undefined) faults.push('refreshToken is missing');
  const accessToken = text('accessToken', MOST_TOKEN_LENGTH);
  const expiresAt = given['expiresAt'] === undefined ? undefined : instantOf(given['expiresAt'], faults);
  const scope = given['scope'];
  if (scope !== undefined && (typeof scope !== 'string' || scope.length > 2000)) faults.push('scope is not a text');
  const webhooks = webhooksOf(given, text, faults);
  const keepWebhooks = flagOf(given['keepWebhooks'], faults);

  if (faults.length > 0 || refreshToken === undefined)
    return { tenantId: TENANT_ID.test(tenantId) ? tenantId : null, faults };
  return {
    tenantId,
    body: {
      ...(client === undefined ? {} : { client }),
      refreshToken,
      ...(accessToken === undefined ? {} : { accessToken }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(typeof scope === 'string' ? { scope } : {}),
      ...(webhooks.length === 0 ? {} : { webhooks }),
      ...(keepWebhooks === undefined ? {} : { keepWebhooks }),
    },
  };
}

/**
 * RFC 3339, what PostgreSQL prints, or seconds or milliseconds since 1970. A time without a zone is refused, because the zone would be a
 * guess.
 */
function instantOf(value: unknown, faults: string[]): string | undefined {
  const digits = typeof value === 'string' && /^\d{9,14}$/.test(value) ? Number(value) : value;
  if (typeof digits === 'number') {
    const date = new Date(digits > 1e11 ? digits : digits * 1000);
    if (!Number.isNaN(date.getTime())) return date.toISOString();
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value)) {
    if (!/(Z|[+-]\d\d(:?\d\d)?)$/.test(value)) {
      faults.push('expiresAt has no time zone: add Z, or an offset as in +02:00');
      return undefined;
    }
    const date = new Date(
      value
        .replace(' ', 'T')
        .replace(/([+-]\d\d)$/, '$1:00')
        .replace(/([+-]\d\d)(\d\d)$/, '$1:$2'),
    );
    if (!Number.isNaN(date.getTime())) return date.toISOString();
  }
  faults.push('expiresAt is not a time: 2026-11-28T09:00:00Z, or seconds since 1970');
  return undefined;
}

type Webhook = { uri?: string; callbackUrl?: string };

function webhooksOf(
  given: Record<string, unknown>,
  text: (name: string, most: number) => string | undefined,
  faults: string[],
): Webhook[] {
  const uri = text('webhookUri', 2000);
  const callbackUrl = text('callbackUrl', 2000);
  const single = uri !== undefined || callbackUrl !== undefined;
  const list = given['webhooks'];
  if (list === undefined)
    return single
      ? [{ ...(uri === undefined ? {} : { uri }), ...(callbackUrl === undefined ? {} : { callbackUrl }) }]
      : [];
  if (single) faults.push('use either webhooks, or the fields of one webhook');
  const isWebhook = (each: unknown): each is Webhook =>
    typeof each === 'object' &&
    each !== null &&
    Object.entries(each).length > 0 &&
    Object.entries(each).every(([key, value]) => ['uri', 'callbackUrl'].includes(key) && typeof value === 'string');
  if (Array.isArray(list) && list.length <= 20 && list.every(isWebhook)) return list;
  faults.push('webhooks is not a list of at most 20 objects with uri or callbackUrl');
  return [];
}

function flagOf(value: unknown, faults: string[]): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value : '';
  if (/^(true|t|1|yes)$/i.test(word)) return true;
  if (/^(false|f|0|no)$/i.test(word)) return false;
  faults.push('keepWebhooks is neither true nor false');
  return undefined;
}
