import { ConfigurationError, type ConfigurationFault } from './configuration-error.ts';
import { deepFreeze, type DeepReadonly } from './deep-freeze.ts';
import { chooseMode, isNamed, type Mode } from './choose-mode.ts';
import { parseClients, type NamedClient } from './parse-clients.ts';
import {
  parseApiKeys,
  parseBaseUrl,
  parseSigningKeys,
  parseScopes,
  parseWebhookEvents,
  parseDatabaseUrl,
  parseEncryptionKeys,
  parseEventsSecret,
  parseEventsUrl,
  parseOrigins,
  splitList,
  type Parsed,
  parsePassword,
} from './parsers.ts';
import { parseIdentityHeader, parseProxies } from './parse-proxies.ts';
import { readSecretFiles, type Environment } from './read-secret-files.ts';
import { readSettings } from './read-settings.ts';
import type { Settings, SettingName } from './settings.ts';
import { ensureLocalSecrets, type LocalSecrets } from './local-secrets.ts';

export type Config = DeepReadonly<
  ReturnType<typeof parse> & {
    /** The secrets that were generated for the sandbox, because a person has to be told. Given ones are never printed. */
    generated: { apiKey?: string | undefined; inspectorPassword?: string | undefined };
  }
>;

/**
 * The one reader of the environment. Throws a ConfigurationError with every fault; otherwise the result is complete and
 * frozen. In sandbox mode the secrets that are not given come from `localSecrets`; in no other mode is it called.
 */
export function loadConfig(
  given: Environment,
  options: { dataDir: string; localSecrets?: (dataDir: string) => LocalSecrets },
): Config {
  const { env, faults } = readSecretFiles(given);
  const { settings, faults: ofSettings } = readSettings(env);
  const { mode, faults: ofMode } = chooseMode(env, settings);
  faults.push(...ofSettings, ...ofMode);
  faults.push(...(mode === 'sandbox' ? faultsOfSandbox(settings) : faultsOfCalendly(settings, env)));

  faults.push(...faultsOfIdentity(settings, env));
  if (settings.EVENTS_URL !== undefined && !isNamed(env, 'EVENTS_SECRET')) {
    faults.push({ variable: 'EVENTS_SECRET', problem: 'is required, because EVENTS_URL is set' });
  }

  const dataDir = settings.DATA_DIR ?? options.dataDir;
  // With a fault nothing is started, so nothing is generated or written.
  const wanted = mode === 'sandbox' && faults.length === 0;
  const secrets = wanted ? (options.localSecrets ?? ensureLocalSecrets)(dataDir) : {};
  const config = parse(mode, { ...secrets, ...settings }, dataDir, faults);
  if (faults.length > 0) throw new ConfigurationError(faults);
  const printable = {
    apiKey: settings.API_KEYS === undefined ? config.apiKeys[0]?.secret : undefined,
    inspectorPassword: settings.INSPECTOR_PASSWORD === undefined ? config.inspectorPassword : undefined,
  };
  return deepFreeze({ ...config, generated: mode === 'sandbox' ? printable : {} });
}

function faultsOfSandbox(settings: Settings): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const unset = readSettings({}).settings;
  for (const variable of ['CALENDLY_AUTH_BASE_URL', 'CALENDLY_API_BASE_URL'] as const) {
    if (settings[variable] !== unset[variable]) {
      faults.push({ variable, problem: 'is set, but CALENDLY_CLIENT_ID and CALENDLY_CLIENT_SECRET are not' });
    }
  }
  if (settings.SANDBOX_PORT === settings.PORT)
    faults.push({ variable: 'SANDBOX_PORT', problem: 'must differ from PORT' });
  return faults;
}

function faultsOfCalendly(settings: Settings, env: Environment): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const need = (variable: SettingName, problem: string) => {
    // If the value is given but wrong, its fault has been reported already.
    if (settings[variable] === undefined && !isNamed(env, variable)) faults.push({ variable, problem });
  };
  const reason = settings.MODE === 'calendly' ? 'MODE=calendly' : 'CALENDLY_CLIENT_ID or CALENDLY_CLIENT_SECRET is set';
  need('CALENDLY_CLIENT_ID', 'is missing: the real Calendly needs a client id and its secret');
  need('CALENDLY_CLIENT_SECRET', 'is missing: the real Calendly needs a client id and its secret');
  for (const variable of ['PUBLIC_URL', 'ENCRYPTION_KEYS', 'API_KEYS'] as const) {
    need(variable, `is required, because ${reason}`);
  }
  if (!isNamed(env, 'INSPECTOR_IDENTITY_HEADER')) need('INSPECTOR_PASSWORD', `is required, because ${reason}`);
  return faults;
}

/** A name in a header is worth as much as the knowledge of who set it. */
function faultsOfIdentity(settings: Settings, env: Environment): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const need = (because: SettingName, variable: SettingName) => {
    if (settings[because] !== undefined && !isNamed(env, variable))
      faults.push({ variable, problem: `is required, because ${because} is set` });
  };
  need('INSPECTOR_IDENTITY_HEADER', 'TRUSTED_PROXIES');
  need('INSPECTOR_IDENTITY_OPERATORS', 'INSPECTOR_IDENTITY_HEADER');
  return faults;
}

function parse(mode: Mode, settings: Settings, dataDir: string, faults: ConfigurationFault[]) {
  const sandboxUrl = `http://127.0.0.1:${settings.SANDBOX_PORT}`;
  const plainHttp = mode === 'sandbox' ? 'anywhere' : 'loopback';

  /** The fallback replaces a value with a fault. The configuration is not used then. */
  function value<T, F>(variable: SettingName, fallback: F, parser: (text: string) => Parsed<T>): T | F {
    const text = settings[variable];
    if (typeof text !== 'string') return fallback;
    const parsed = parser(text);
    if ('value' in parsed) return parsed.value;
    faults.push({ variable, problem: parsed.problem });
    return fallback;
  }

  const publicUrl = value('PUBLIC_URL', `http://127.0.0.1:${settings.PORT}`, (text) => parseBaseUrl(text, plainHttp));
  const calendlyUrl = (variable: 'CALENDLY_AUTH_BASE_URL' | 'CALENDLY_API_BASE_URL') =>
    mode === 'sandbox' ? sandboxUrl : value(variable, '', (text) => parseBaseUrl(text, 'loopback'));
  const webhookScope = settings.CALENDLY_WEBHOOK_SCOPE;
  const byDefault: NamedClient = {
    name: 'default',
    clientId: settings.CALENDLY_CLIENT_ID ?? '',
    clientSecret: settings.CALENDLY_CLIENT_SECRET ?? '',
    authBaseUrl: calendlyUrl('CALENDLY_AUTH_BASE_URL'),
    apiBaseUrl: calendlyUrl('CALENDLY_API_BASE_URL'),
    /** Accepted beside those of the subscriptions. */
    signingKeys: value('CALENDLY_WEBHOOK_SIGNING_KEY', [], parseSigningKeys),
  };
  const others = value('CALENDLY_CLIENTS', [], (text) => parseClients(text, byDefault, plainHttp));

  return {
    mode,
    dataDir,
    /** null: the embedded PostgreSQL. */
    databaseUrl: value('DATABASE_URL', null, parseDatabaseUrl),
    /** null: the service listens through DATABASE_URL. It is needed only if DATABASE_URL leads through a pool. */
    databaseListenUrl: value('DATABASE_LISTEN_URL', null, parseDatabaseUrl),
    host: settings.HOST,
    port: settings.PORT,
    /** Has no trailing slash, and may have a path. */
    publicUrl,
    publicOrigin: new URL(publicUrl).origin,
    calendly: {
      /** The default client, and the others. */
      ...byDefault,
      clients: [byDefault, ...others],
      scopes: value('CALENDLY_SCOPES', [], parseScopes),
      webhookScope,
      webhookFallback: settings.CALENDLY_WEBHOOK_SCOPE_FALLBACK,
      webhookEvents: value('CALENDLY_WEBHOOK_EVENTS', [], (text) => parseWebhookEvents(text, webhookScope)),
    },
    sandbox: { port: settings.SANDBOX_PORT, url: sandboxUrl },
    /** The first one encrypts, and all decrypt. */
    encryptionKeys: value('ENCRYPTION_KEYS', [], parseEncryptionKeys),
    apiKeys: value('API_KEYS', [], parseApiKeys),
    inspectorPassword: value('INSPECTOR_PASSWORD', '', parsePassword),
    /** null: there are no viewers. */
    inspectorViewerPassword: value('INSPECTOR_VIEWER_PASSWORD', null, parsePassword),
    trustedProxies: value('TRUSTED_PROXIES', [], parseProxies),
    /** null: nobody is let into the inspector by a header. */
    inspectorIdentity: identityOf(settings, value('INSPECTOR_IDENTITY_HEADER', null, parseIdentityHeader)),
    returnToOrigins: value('RETURN_TO_ORIGINS', [new URL(publicUrl).origin], parseOrigins),
    bounds: { requestsPerKey: settings.REQUESTS_PER_KEY, streamsPerKey: settings.STREAMS_PER_KEY },
    consentCompletion: settings.CONSENT_COMPLETION,
    adoptInstallation: value('ADOPT_INSTALLATION', null, (text) => parseBaseUrl(text, plainHttp)),
    logLevel: settings.LOG_LEVEL,
    retention: {
      historyDays: settings.RETENTION_HISTORY_DAYS,
      exchangesDays: settings.RETENTION_EXCHANGES_DAYS,
      deliveriesDays: settings.RETENTION_DELIVERIES_DAYS,
    },
    hostEvents: {
      /** null: events are only in the feed. */
      url: value('EVENTS_URL', null, parseEventsUrl),
      /** Every event is signed with each of them. */
      secrets: value('EVENTS_SECRET', [], parseEventsSecret),
      rescheduleWindowSeconds: settings.EVENTS_RESCHEDULE_WINDOW_SECONDS,
      parkAfterHours: settings.EVENTS_PARK_AFTER_HOURS,
      retentionDays: settings.RETENTION_EVENTS_DAYS,
    },
    refreshRecentSeconds: settings.REFRESH_RECENT_SECONDS,
    backfillPastDays: settings.BACKFILL_PAST_DAYS,
    backfillHours: settings.BACKFILL_HOURS,
    pollingMinutes: settings.POLLING_MINUTES,
    watchMinutes: settings.WATCH_MINUTES,
  };
}

/** `operators`: who may act; null: everybody. */
function identityOf({ INSPECTOR_IDENTITY_OPERATORS: operators }: Settings, header: string | null) {
  return header === null ? null : { header, operators: operators === undefined ? null : splitList(operators) };
}
