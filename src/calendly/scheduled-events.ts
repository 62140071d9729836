import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { callApi, idOf, type ApiAnswer, type ApiClient } from './api.ts';
import type { Trace } from './exchange.ts';

const nullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Item = Type.Object({ uri: Type.String({ minLength: 1 }), start_time: Type.Optional(Type.String()) });
const Page = Type.Object({
  collection: Type.Array(Type.Unknown()),
  pagination: Type.Optional(Type.Object({ next_page_token: nullableText })),
});
/** `unreadable`: how many items have no identity, or a start that is no text. Such an item does not hide the others. */
export type EventPage = Omit<Static<typeof Page>, 'collection'> & {
  collection: Static<typeof Item>[];
  unreadable: number;
};

async function fetchPage(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  path: string,
  query: Record<string, string>,
): Promise<ApiAnswer<EventPage>> {
  const answer = await callApi(client, trace, accessToken, { method: 'GET', path, query }, Page);
  if (answer.kind !== 'ok') return answer;
  const collection = answer.value.collection.filter((item): item is Static<typeof Item> => Value.Check(Item, item));
  return {
    ...answer,
    value: { ...answer.value, collection, unreadable: answer.value.collection.length - collection.length },
  };
}

/** One page of `GET /scheduled_events`, active and canceled, by start time. */
export function fetchEventPage(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  { whose, minStartTime, pageToken }: { whose: Record<string, string>; minStartTime: string; pageToken: string | null },
): Promise<ApiAnswer<EventPage>> {
  const query = {
    ...whose,
    min_start_time: minStartTime,
    sort: 'start_time:asc',
    count: '100',
    ...(pageToken === null ? {} : { page_token: pageToken }),
  };
  return fetchPage(client, trace, accessToken, '/scheduled_events', query);
}

const OneEvent = Type.Object({
  resource: Type.Object({
    uri: Type.String({ minLength: 1 }),
    start_time: Type.Optional(Type.String()),
    status: nullableText,
    event_memberships: Type.Optional(Type.Array(Type.Object({ user: nullableText }))),
  }),
});
export type ScheduledEvent = Static<typeof OneEvent>['resource'];

/** `GET /scheduled_events/{id}`. */
export async function fetchEvent(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  uri: string,
): Promise<ApiAnswer<ScheduledEvent>> {
  const answer = await callApi(
    client,
    trace,
    accessToken,
    { method: 'GET', path: `/scheduled_events/${idOf(uri)}` },
    OneEvent,
  );
  return answer.kind === 'ok' ? { ...answer, value: answer.value.resource } : answer;
}

/** One page of an event's invitees, canceled ones included. */
export function fetchInviteePage(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  { eventUri, pageToken }: { eventUri: string; pageToken: string | null },
): Promise<ApiAnswer<EventPage>> {
  const query = { count: '100', ...(pageToken === null ? {} : { page_token: pageToken }) };
  return fetchPage(client, trace, accessToken, `/scheduled_events/${idOf(eventUri)}/invitees`, query);
}
