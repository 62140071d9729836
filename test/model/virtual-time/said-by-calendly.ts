import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiAnswer } from '../../../src/calendly/api.ts';
import { failureOf, type CallFailure } from '../../../src/calendly/failure.ts';
import { exchangeCode, refreshTokens, revokeToken, type TokenAnswer } from '../../../src/calendly/oauth.ts';
import { fetchEventPage } from '../../../src/calendly/scheduled-events.ts';
import { fetchUser } from '../../../src/calendly/users.ts';
import {
  createWebhookSubscription,
  deleteWebhookSubscription,
  fetchWebhookSubscription,
  listWebhookSubscriptions,
} from '../../../src/calendly/webhook-subscriptions.ts';
import type { Reply, WayOfFailing } from './ways-of-failing.ts';

/** What the service's own client makes of a Calendly that fails in one way; null: that endpoint is well. */
export interface SaidByCalendly {
  exchange: TokenAnswer | null;
  refresh: TokenAnswer | null;
  revoke: CallFailure | null;
  user: ApiAnswer<unknown> | null;
  list: ApiAnswer<unknown> | null;
  create: ApiAnswer<unknown> | null;
  check: ApiAnswer<unknown> | null;
  remove: ApiAnswer<unknown> | null;
  events: ApiAnswer<unknown> | null;
}

export const saidByAWellCalendly: SaidByCalendly = {
  exchange: null,
  refresh: null,
  revoke: null,
  user: null,
  list: null,
  create: null,
  check: null,
  remove: null,
  events: null,
};

/** Asks once over a real line, so that whatever is run for a month of virtual time is what the client would have understood. */
export async function saidByCalendly({ oauth, api, isAboutWebhooks = false }: WayOfFailing): Promise<SaidByCalendly> {
  const saidByApi: Partial<SaidByCalendly> = api === undefined ? {} : await listening(api, askApi);
  return {
    ...saidByAWellCalendly,
    ...(oauth === undefined ? {} : await listening(oauth, askOauth)),
    ...(isAboutWebhooks ? { create: saidByApi.create ?? null } : saidByApi),
  };
}

const record = async (): Promise<void> => {};
const trace = { tenantId: 'tenant-1', effectId: null, effect: 'virtual', attempt: 1 };
const id = 'https://api.calendly.com/webhook_subscriptions/one';
const place = {
  organization: 'https://api.calendly.com/organizations/one',
  user: 'https://api.calendly.com/users/one',
  scope: 'user',
};

async function askOauth(baseUrl: string): Promise<Pick<SaidByCalendly, 'exchange' | 'refresh' | 'revoke'>> {
  const client = { authBaseUrl: baseUrl, clientId: 'client', clientSecret: 'secret' };
  return {
    exchange: await exchangeCode(client, record, trace, {
      code: 'code',
      codeVerifier: 'v'.repeat(43),
      redirectUri: 'http://127.0.0.1/callback',
    }),
    refresh: await refreshTokens(client, record, trace, 'token'),
    revoke: await revokeToken(client, record, trace, 'token'),
  };
}

async function askApi(
  baseUrl: string,
): Promise<Pick<SaidByCalendly, 'user' | 'list' | 'create' | 'check' | 'remove' | 'events'>> {
  const client = { apiBaseUrl: baseUrl, record };
  return {
    user: await fetchUser(client, trace, 'token'),
    list: await listWebhookSubscriptions(client, trace, 'token', place),
    create: await createWebhookSubscription(client, trace, 'token', {
      ...place,
      url: 'http://127.0.0.1/hook',
      events: ['invitee.created'],
      signingKey: 'key',
    }),
    check: await fetchWebhookSubscription(client, trace, 'token', id),
    remove: await deleteWebhookSubscription(client, trace, 'token', id),
    events: await fetchEventPage(client, trace, 'token', {
      whose: { user: place.user },
      minStartTime: '2026-01-01T00:00:00Z',
      pageToken: null,
    }),
  };
}

/** Limits are real time, up to a minute: what they come to is made as the transport makes it, and not waited for. */
async function listening<T extends object>(reply: Reply, ask: (baseUrl: string) => Promise<T>): Promise<T> {
  if (reply === 'timeout') return unanswered(await listening('cut', ask));
  const server = createServer((_, response) => answer(response, reply));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

function unanswered<T extends object>(cut: T): T {
  const failure = failureOf({ kind: 'unanswered', exchangeId: '', reason: 'timeout' });
  return Object.fromEntries(
    Object.entries(cut).map(([name, said]) => [name, 'failure' in said ? { ...said, failure } : failure]),
  ) as T;
}

function answer(response: ServerResponse, reply: Exclude<Reply, 'timeout'>): void {
  if (reply === 'cut') return void response.destroy();
  const { status, headers, body } = reply;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
