import Type from 'typebox';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

/**
 * Every environment variable that the service reads, in the form it has there: text, or a whole number.
 * `secret: true` marks what must never be printed; `unit` and `default` go into the generated documentation as they are.
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
        'Which Calendly: the built-in sandbox, or the real one. Unset: `calendly` with a client id or secret, and `sandbox` ' +
        'only where no secret, and no address that others reach, is configured.',
    }),
  ),
  DATA_DIR: text(
    'Folder of the embedded database and of the sandbox. Unset: `.data`. Nothing is written to it where neither is in use.',
  ),
  DATABASE_URL: text('PostgreSQL connection URL. Unset: an embedded PostgreSQL under the data folder.', {
    secret: true,
  }),
  DATABASE_LISTEN_URL: text(
    'Direct URL of the same database, for LISTEN alone. Set it where DATABASE_URL leads through a pool that gives each transaction another ' +
      'connection (PgBouncer in transaction mode, Supabase, Neon).',
    { secret: true },
  ),
  HOST: textOr('127.0.0.1', 'Address to listen on.'),
  PORT: whole(3000, 1, 65_535, '', 'Port to listen on.'),
  PUBLIC_URL: text(
    'Base of the callback and webhook URLs as Calendly sees them; https unless loopback. ' +
      'Required with CALENDLY_CLIENT_ID; else http://127.0.0.1:PORT.',
  ),

  CALENDLY_CLIENT_ID: text(
    'Client id of the Calendly OAuth application. Unset together with CALENDLY_CLIENT_SECRET: the built-in Calendly ' +
      'sandbox is started and used.',
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
  CALENDLY_SCOPES: textOr(
    'users:read scheduled_events:read webhooks:read webhooks:write',
    'OAuth scopes to ask for, separated by spaces.',
  ),
  CALENDLY_WEBHOOK_SCOPE: Type.Enum(['user', 'organization'], {
    description: 'Scope of the webhook subscription; organization needs an owner or admin.',
    default: 'user',
  }),
  CALENDLY_WEBHOOK_SCOPE_FALLBACK: Type.Enum(['none', 'user'], {
    description:
      'What to do where Calendly refuses the organization scope to a plain member: none, or a subscription of user scope.',
    default: 'none',
  }),
  CALENDLY_WEBHOOK_SIGNING_KEY: text(
    'Webhook signing keys of the Calendly OAuth application, separated by commas: accepted beside the key that the service ' +
      'makes for each subscription. Unset: only that one is accepted, and it is all that Calendly is known to need.',
    { secret: true },
  ),
  CALENDLY_WEBHOOK_EVENTS: textOr(
    'invitee.created,invitee.canceled,invitee_no_show.created,invitee_no_show.deleted',
    `Events to subscribe to, separated by commas. Known: ${Object.keys(WEBHOOK_EVENTS).join(', ')}.`,
  ),

  ENCRYPTION_KEYS: text(
    'Keys for stored secrets: id:base64 of 32 bytes, separated by commas. The first one encrypts, all decrypt. ' +
      'Required with CALENDLY_CLIENT_ID; else generated once.',
    { secret: true },
  ),
  API_KEYS: text(
    'Bearer keys of the /v1 routes, separated by commas: name:scopes:secret, or a bare secret that may do everything. Scopes, ' +
      'joined by +: read, connect, operate, tokens, admin (all of them). A secret has at least 16 characters. ' +
      'Required with CALENDLY_CLIENT_ID; else generated once.',
    { secret: true },
  ),
  INSPECTOR_VIEWER_PASSWORD: text('Password of the state inspector for people who only read, at least 8 characters.', {
    secret: true,
    minLength: 8,
  }),
  INSPECTOR_PASSWORD: text(
    'Password of the state inspector, at least 8 characters. Required with CALENDLY_CLIENT_ID; else generated once.',
    { secret: true, minLength: 8 },
  ),
  RETURN_TO_ORIGINS: text(
    "Exact origins that a returnTo may lead to, separated by commas. Unset: PUBLIC_URL's origin.",
  ),
  CONSENT_COMPLETION: Type.Enum(['callback', 'host'], {
    description:
      'Who completes a consent. host: only a signed-in session of the host, with the ticket that comes to returnTo, so that a ' +
      'consent link in the wrong hands links nothing. callback: whoever opens the link and consents.',
    default: 'callback',
  }),
  EVENTS_URL: text(
    'Where events are posted to, signed by the Standard Webhooks specification; https, or http for loopback. ' +
      'Unset: events are in the feed at /v1/events only.',
  ),
  EVENTS_SECRET: text(
    'Secrets that events are signed with: whsec_ and base64 of 24 to 64 bytes, separated by commas. Each one signs, ' +
      'so that a host can go from the old one to the new. Required with EVENTS_URL.',
    { secret: true },
  ),
  EVENTS_RESCHEDULE_WINDOW_SECONDS: whole(
    60,
    0,
    3_600,
    'seconds',
    'How long half of a reschedule waits for its other half, so that both are one meeting.rescheduled.',
  ),
  EVENTS_PARK_AFTER_HOURS: whole(
    72,
    1,
    720,
    'hours',
    'How long an event that the host does not take is sent again, before it is parked.',
  ),
  ADOPT_INSTALLATION: text(
    'The new PUBLIC_URL: says that a database written by another installation is to be taken over by this one.',
  ),

  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'Least severe level that is logged.',
    default: 'info',
  }),
  RETENTION_HISTORY_DAYS: whole(400, 1, 36_500, 'days', 'How long the history of a connection is kept.'),
  RETENTION_EXCHANGES_DAYS: whole(30, 1, 36_500, 'days', 'How long exchanges with Calendly are kept.'),
  RETENTION_DELIVERIES_DAYS: whole(90, 2, 36_500, 'days', 'How long received deliveries are kept.'),
  RETENTION_EVENTS_DAYS: whole(30, 1, 36_500, 'days', 'How long events stay in the feed, and parked ones are kept.'),
  REFRESH_RECENT_SECONDS: whole(
    300,
    0,
    6_600,
    'seconds',
    'A grant refreshed less long ago than this is proven by /users/me on a reconnect instead of refreshed again.',
  ),
  BACKFILL_PAST_DAYS: whole(30, 0, 3_650, 'days', 'How far back meetings are fetched when a gap is filled.'),
  BACKFILL_HOURS: whole(
    24,
    1,
    8_760,
    'hours',
    'How often meetings are fetched again beside the webhook: a delivery that Calendly never sent shows in no other way.',
  ),
  POLLING_MINUTES: whole(15, 1, 1_440, 'minutes', 'How often meetings are fetched where the plan has no webhooks.'),
  WATCH_MINUTES: whole(
    60,
    1,
    1_440,
    'minutes',
    'How often each webhook is looked at, so that a disabled one does not stay unnoticed.',
  ),
  REQUESTS_PER_KEY: whole(
    500,
    1,
    10_000,
    '',
    'How many requests of one API key are answered at once, those that wait included; more get 429.',
  ),
  STREAMS_PER_KEY: whole(100, 1, 10_000, '', 'How many streams of events one API key has at once; more get 429.'),
  SANDBOX_PORT: whole(3001, 1, 65_535, '', 'Port of the built-in Calendly sandbox.'),
});
export type Settings = Type.Static<typeof Settings>;
export type SettingName = keyof Settings;

/** Each can also be given as `NAME_FILE`, the path of a file that holds it. */
export const SECRET_NAMES: readonly SettingName[] = Object.entries(Settings.properties)
  .filter(([, schema]) => 'secret' in schema)
  .map(([name]) => name as SettingName);
