import { type Static, Type } from 'typebox';
import { callApi, idOf, type ApiAnswer, type ApiClient } from './api.ts';
import type { Trace } from './exchange.ts';

const nullableText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Page = Type.Object({
  collection: Type.Array(Type.Object({ uri: Type.String({ minLength: 1 }), start_time: Type.Optional(Type.String()) })),
  pagination: Type.Optional(Type.Object({ next_page_token: nullableText })),
});
export type EventPage = Static<typeof Page>;

/** One page of `GET /scheduled_events`, active and canceled, by start time. */
export function fetchEventPage(client: ApiClient, trace: Trace, accessToken: string,
  { whose, minStartTime, pageToken }: { whose: Record<string, string>; minStartTime: string; pageToken: string | null }): Promise<ApiAnswer<EventPage>> {
  const query = { ...whose, min_start_time: minStartTime, sort: 'start_time:asc', count: '100', ...(pageToken === null ? {} : { page_token: pageToken }) };
  return callApi(client, trace, accessToken, { method: 'GET', path: '/scheduled_events', query }, Page);
}

const OneEvent = Type.Object({ resource: Type.Object({
  uri: Type.String({ minLength: 1 }),
  start_time: Type.Optional(Type.String()),
  status: nullableText,
  event_memberships: Type.Optional(Type.Array(Type.Object({ user: nullableText }))),
}) });
export type ScheduledEvent = Static<typeof OneEvent>['resource'];

/** `GET /scheduled_events/{id}`. */
export async function fetchEvent(client: ApiClient, trace: Trace, accessToken: string, uri: string): Promise<ApiAnswer<ScheduledEvent>> {
  const answer = await callApi(client, trace, accessToken, { method: 'GET', path: `/scheduled_events/${idOf(uri)}` }, OneEvent);
  return answer.kind === 'ok' ? { ...answer, value: answer.value.resource } : answer;
}

/** One page of an event's invitees, canceled ones included. */
export function fetchInviteePage(client: ApiClient, trace: Trace, accessToken: string,
  { eventUri, pageToken }: { eventUri: string; pageToken: string | null }): Promise<ApiAnswer<EventPage>> {
  const query = { count: '100', ...(pageToken === null ? {} : { page_token: pageToken }) };
  return callApi(client, trace, accessToken, { method: 'GET', path: `/scheduled_events/${idOf(eventUri)}/invitees`, query }, Page);
}
