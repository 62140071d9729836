import { type Static, Type } from 'typebox';
import { callApi, idOf, Nothing, type ApiAnswer, type ApiClient } from './api.ts';
import type { Trace } from './exchange.ts';

const nullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Subscription = Type.Object({
  uri: Type.String({ minLength: 1 }),
  callback_url: Type.String(),
  state: Type.String(),
  events: Type.Array(Type.String()),
  scope: Type.String(),
  organization: nullableText,
  user: nullableText,
  creator: nullableText,
  created_at: nullableText,
  retry_started_at: nullableText,
});
export type RemoteSubscription = Static<typeof Subscription>;

const Page = Type.Object({
  collection: Type.Array(Subscription),
  pagination: Type.Optional(Type.Object({ next_page_token: nullableText })),
});
const Resource = Type.Object({ resource: Subscription });

/** Far more pages than any account needs. A longer list counts as a failure, so that reading always ends. */
const MOST_PAGES = 200;

export interface Listed {
  organization: string;
  user: string;
  scope: string;
}

/** `GET /webhook_subscriptions`, all pages, by page token. The URL of the next page is never called. */
export async function listWebhookSubscriptions(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  { organization, user, scope }: Listed,
): Promise<ApiAnswer<RemoteSubscription[]>> {
  const all: RemoteSubscription[] = [];
  let pageToken: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query: Record<string, string> = { organization, scope, count: '100' };
    if (scope === 'user') query['user'] = user;
    if (pageToken !== null) query['page_token'] = pageToken;
    const answer: ApiAnswer<Static<typeof Page>> = await callApi(
      client,
      trace,
      accessToken,
      { method: 'GET', path: '/webhook_subscriptions', query },
      Page,
    );
    if (answer.kind !== 'ok') return answer;
    all.push(...answer.value.collection);
    pageToken = answer.value.pagination?.next_page_token ?? null;
    if (pageToken === null) return { ...answer, value: all };
  }
  const failure = {
    kind: 'transient',
    code: 'endless_list',
    message: 'The list of webhooks does not end.',
    exchangeId: null,
  } as const;
  return { kind: 'failed', failure: { ...failure, certain: true, retryAfterSeconds: 0 }, status: null };
}

export interface NewSubscription {
  url: string;
  events: readonly string[];
  organization: string;
  user: string;
  scope: string;
  signingKey: string;
}

/** `POST /webhook_subscriptions`. Not idempotent at Calendly: a row is sent at most once. */
export async function createWebhookSubscription(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  { url, events, organization, user, scope, signingKey }: NewSubscription,
): Promise<ApiAnswer<RemoteSubscription>> {
  const body = { url, events, organization, scope, ...(scope === 'user' ? { user } : {}), signing_key: signingKey };
  const answer = await callApi(
    client,
    trace,
    accessToken,
    { method: 'POST', path: '/webhook_subscriptions', body, secrets: [signingKey] },
    Resource,
  );
  return answer.kind === 'ok' ? { ...answer, value: answer.value.resource } : answer;
}

/** `GET /webhook_subscriptions/{id}`. */
export async function fetchWebhookSubscription(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  uri: string,
): Promise<ApiAnswer<RemoteSubscription>> {
  const answer = await callApi(
    client,
    trace,
    accessToken,
    { method: 'GET', path: `/webhook_subscriptions/${idOf(uri)}` },
    Resource,
  );
  return answer.kind === 'ok' ? { ...answer, value: answer.value.resource } : answer;
}

/** `DELETE /webhook_subscriptions/{id}`. A second delete is answered with 404, which means success, too. */
export function deleteWebhookSubscription(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  uri: string,
): Promise<ApiAnswer<unknown>> {
  return callApi(
    client,
    trace,
    accessToken,
    { method: 'DELETE', path: `/webhook_subscriptions/${idOf(uri)}` },
    Nothing,
  );
}
