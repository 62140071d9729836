import Type from 'typebox';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

/**
 * Every environment variable that the service reads: text, or a whole number.
 * `secret: true` marks what must never be printed. `description`, `unit` and `default` go into docs/configuration.md.
 */
const text = (description: string, options: object = {}) => Type.Optional(Type.String({ description, ...options }));
const textOr = (fallback: string, description: string, options: object = {}) =>
  Type.String({ description, default: fallback, ...options });
const whole = (fallback: number, minimum: number, maximum: number, unit: string, description: string) =>
  Type.Integer({ description, default: fallback, minimum, maximum, ...(unit === '' ? {} : { unit }) });

export const Settings = Type.Object({
  MODE: Type.Optional(
    Type.Enum(['sandbox', 'calendly'], {
      description:
        'Which Calendly the service uses: the built-in sandbox, or the real one. Unset: `calendly` if a client id or secret is set; ' +
        '`sandbox` only if no secret is set and no address that others can reach.',
    }),
  ),
  DATA_DIR: text(
    'Folder of the embedded database and of the sandbox. Unset: `.data`. If you use neither, nothing is written to it.',
  ),
  DATABASE_URL: text('PostgreSQL connection URL. Unset: an embedded PostgreSQL in the data folder.', {
    secret: true,
  }),
  DATABASE_LISTEN_URL: text(
    'Direct URL of the same database, used only for LISTEN. Set it if DATABASE_URL is a pool that may use another connection for each ' +
      'transaction (PgBouncer in transaction mode, Supabase, Neon).',
    { secret: true },
  ),
  HOST: textOr('127.0.0.1', 'Address to listen on.'),
  PORT: whole(3000, 1, 65_535, '', 'Port to listen on.'),
  PUBLIC_URL: text(
    'Beginning of the callback and webhook URLs that Calendly uses; https, or http for loopback. ' +
      'Required with CALENDLY_CLIENT_ID. Unset: http://127.0.0.1:PORT.',
  ),

  CALENDLY_CLIENT_ID: text(
    'Client id of the Calendly OAuth application. If neither it nor CALENDLY_CLIENT_SECRET is set, the service starts and uses ' +
      'the built-in Calendly sandbox.',
  ),
  CALENDLY_CLIENT_SECRET: text('Client secret of the Calendly OAuth application.', { secret: true }),
  CALENDLY_AUTH_BASE_URL: textOr(
    'https://auth.calendly.com',
    'Base URL of the OAuth endpoints; https, or http for loopback. Only with CALENDLY_CLIENT_ID.',
  ),
  CALENDLY_API_BASE_URL: textOr(
    'https://api.calendly.com',
    'Base URL of the API; https, or http for loopback. Only with CALENDLY_CLIENT_ID.',
  ),
  CALENDLY_CLIENTS: text(
    'Further OAuth applications, as JSON: {"brand-b": {"clientId": "…", "clientSecret": "…"}}, each with authBaseUrl, apiBaseUrl and ' +
      'signingKeys (a list) where they are not those of the default client. A tenant names its client at its first connect or import; ' +
      'without a name it is `default`, the application of CALENDLY_CLIENT_ID.',
    { secret: true },
  ),
  CALENDLY_SCOPES: textOr(
    'users:read scheduled_events:read webhooks:read webhooks:write',
    'OAuth scopes that a consent asks for, separated by spaces.',
  ),
  CALENDLY_WEBHOOK_SCOPE: Type.Enum(['user', 'organization'], {
    description: 'Scope of the webhook subscription. organization needs an owner or admin.',
    default: 'user',
  }),
  CALENDLY_WEBHOOK_SCOPE_FALLBACK: Type.Enum(['none', 'user'], {
    description:
      'What to create if Calendly refuses the organization scope to a plain member: nothing, or a subscription of user scope.',
    default: 'none',
  }),
  CALENDLY_WEBHOOK_SIGNING_KEY: text(
    'Webhook signing keys of the Calendly OAuth application, separated by commas. They are accepted in addition to the key that the ' +
      'service makes for each subscription. Unset: only that key is accepted. As far as we know, Calendly uses no other.',
    { secret: true },
  ),
  CALENDLY_WEBHOOK_EVENTS: textOr(
    'invitee.created,invitee.canceled,invitee_no_show.created,invitee_no_show.deleted',
    `Events to subscribe to, separated by commas. Known: ${Object.keys(WEBHOOK_EVENTS).join(', ')}.`,
  ),

  ENCRYPTION_KEYS: text(
    'Keys for stored secrets: id:base64 of 32 bytes, separated by commas. The first key encrypts, all keys decrypt. ' +
      'Required with CALENDLY_CLIENT_ID. Unset: generated once.',
    { secret: true },
  ),
  API_KEYS: text(
    'Bearer keys of the /v1 routes, separated by commas: name:scopes:secret, or only a secret, which may do everything. Scopes are ' +
      'joined by +: read, connect, operate, tokens, admin (all of them). A secret has at least 16 characters. ' +
      'Required with CALENDLY_CLIENT_ID. Unset: generated once.',
    { secret: true },
  ),
  INSPECTOR_VIEWER_PASSWORD: text(
    'Password of the state inspector for people who may only read, at least 8 characters.',
    {
      secret: true,
      minLength: 8,
    },
  ),
  INSPECTOR_PASSWORD: text(
    'Password of the state inspector, at least 8 characters. Required with CALENDLY_CLIENT_ID. Unset: generated once.',
    { secret: true, minLength: 8 },
  ),
  INSPECTOR_IDENTITY_HEADER: text(
    "Header in which a proxy that authenticates people writes a person's name, such as X-Forwarded-Email. That person needs no password " +
      'for the state inspector. The header is accepted only from TRUSTED_PROXIES, which is required with it. INSPECTOR_PASSWORD is optional then.',
  ),
  INSPECTOR_IDENTITY_OPERATORS: text(
    'Names from INSPECTOR_IDENTITY_HEADER, separated by commas: people who may act. All others may only read. Unset: everybody may act.',
  ),
  TRUSTED_PROXIES: text(
    'Addresses of the proxies in front of the service, separated by commas: 10.0.0.5, 10.1.0.0/16. Their X-Forwarded-For gives the address ' +
      'of the client, for the audit and for counting wrong guesses. Unset: the header is ignored.',
  ),
  RETURN_TO_ORIGINS: text("Exact origins that a returnTo may have, separated by commas. Unset: PUBLIC_URL's origin."),
  CONSENT_COMPLETION: Type.Enum(['callback', 'host'], {
    description:
      'Who completes a consent. host: only the host, with the ticket that the browser brings to returnTo. So a consent link in the ' +
      'wrong hands connects nothing. callback: whoever opens the link and consents.',
    default: 'callback',
  }),
  EVENTS_URL: text(
    'Address that events are posted to, signed as in Standard Webhooks; https, or http for loopback. ' +
      'Unset: events are only in the feed at /v1/events.',
  ),
  EVENTS_SECRET: text(
    'Secrets that sign events: whsec_ and base64 of 24 to 64 bytes, separated by commas. Each one signs, ' +
      'so that a host can change from the old secret to the new one. Required with EVENTS_URL.',
    { secret: true },
  ),
  EVENTS_RESCHEDULE_WINDOW_SECONDS: whole(
    60,
    0,
    3_600,
    'seconds',
    'How long the first delivery about a reschedule waits for the second one, so that both are one meeting.rescheduled.',
  ),
  EVENTS_PARK_AFTER_HOURS: whole(
    72,
    1,
    720,
    'hours',
    'How long an event that the host does not accept is sent again before it is parked.',
  ),
  ADOPT_INSTALLATION: text(
    'The new PUBLIC_URL. It allows this installation to take over a database that another installation has written.',
  ),

  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'The least severe level that is logged.',
    default: 'info',
  }),
  RETENTION_HISTORY_DAYS: whole(400, 1, 36_500, 'days', 'How long the history of a connection is kept.'),
  RETENTION_EXCHANGES_DAYS: whole(30, 1, 36_500, 'days', 'How long exchanges with Calendly are kept.'),
  RETENTION_DELIVERIES_DAYS: whole(90, 2, 36_500, 'days', 'How long received deliveries are kept.'),
  RETENTION_EVENTS_DAYS: whole(30, 1, 36_500, 'days', 'How long events stay in the feed, also parked ones.'),
  REFRESH_RECENT_SECONDS: whole(
    300,
    0,
    6_600,
    'seconds',
    'If a grant was refreshed within this time, a reconnect checks it with /users/me and does not refresh it again.',
  ),
  BACKFILL_PAST_DAYS: whole(30, 0, 3_650, 'days', 'How many past days a back-fill reads.'),
  BACKFILL_HOURS: whole(
    24,
    1,
    8_760,
    'hours',
    'How often all meetings are read again although there is a webhook. Only this finds a delivery that Calendly never sent.',
  ),
  POLLING_MINUTES: whole(15, 1, 1_440, 'minutes', 'How often meetings are fetched if the plan has no webhooks.'),
  WATCH_MINUTES: whole(
    60,
    1,
    1_440,
    'minutes',
    'How often each webhook is checked at Calendly, so that a disabled one is noticed.',
  ),
  REQUESTS_PER_KEY: whole(
    500,
    1,
    10_000,
    '',
    'How many requests of one API key may be under way at once, including those that wait. More get 429.',
  ),
  STREAMS_PER_KEY: whole(100, 1, 10_000, '', 'How many event streams one API key may have at once. More get 429.'),
  SANDBOX_PORT: whole(3001, 1, 65_535, '', 'Port of the built-in Calendly sandbox.'),
});
export type Settings = Type.Static<typeof Settings>;
export type SettingName = keyof Settings;

/** Each can also be set as `NAME_FILE`, the path of a file with the value. */
export const SECRET_NAMES: readonly SettingName[] = Object.entries(Settings.properties)
  .filter(([, schema]) => 'secret' in schema)
  .map(([name]) => name as SettingName);
