import type { Account, Failure, Refusal } from '../../../machines/connection/index.ts';

/** What Calendly and people say, as the events carry it. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const TOKEN_LIFE = 2 * HOUR;
/** Long enough for a token not to be recent any more, short enough for it to live. */
export const LATER = 10 * MINUTE;
/** Every token of today has ended. */
export const MUCH_LATER = 3 * HOUR;

export const SCOPES = ['users:read', 'scheduled_events:read', 'webhooks:read', 'webhooks:write'];
export const WANTED = {
  scope: 'user',
  events: ['invitee.created', 'invitee.canceled'],
  pollingMinutes: 15,
  watchMinutes: 60,
};

export const ana: Account = {
  uri: 'https://api.calendly.com/users/ANA',
  email: 'ana@example.com',
  name: 'Ana',
  organization: 'https://api.calendly.com/organizations/ONE',
};
const ben: Account = {
  uri: 'https://api.calendly.com/users/BEN',
  email: 'ben@example.com',
  name: 'Ben',
  organization: 'https://api.calendly.com/organizations/TWO',
};

export const accountOf = (uri: string | null | undefined): Account => (uri === ben.uri ? ben : ana);
export const otherThan = (uri: string | null | undefined): Account => (uri === ben.uri ? ana : ben);

export const refusal = (code: string): Refusal => ({ code, message: `Calendly said: ${code}.`, exchangeId: null });

const failure = (kind: Failure['kind'], code: string, more: Partial<Failure> = {}): Failure => ({
  kind,
  code,
  message: `Calendly said: ${code}.`,
  exchangeId: null,
  certain: true,
  retryAfterSeconds: 0,
  ...more,
});

export const failures = {
  unavailable: failure('transient', 'calendly_error', { certain: false }),
  limited: failure('transient', 'rate_limited', { retryAfterSeconds: 60 }),
  unauthorized: failure('unauthorized', 'token_refused'),
  invalid: failure('invalid', 'request_refused'),
} as const;
