import { Type } from 'typebox';
import { callApi, type ApiAnswer, type ApiClient } from './api.ts';
import type { Trace } from './exchange.ts';

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Me = Type.Object({
  resource: Type.Object({
    uri: Type.String({ minLength: 1 }),
    email: optionalText,
    name: optionalText,
    current_organization: optionalText,
  }),
});

export interface CalendlyUser {
  uri: string;
  email: string | null;
  name: string | null;
  organization: string | null;
}

/** `GET /users/me`: whose token this is. */
export async function fetchUser(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
): Promise<ApiAnswer<CalendlyUser>> {
  const answer = await callApi(client, trace, accessToken, { method: 'GET', path: '/users/me' }, Me);
  if (answer.kind !== 'ok') return answer;
  const { uri, email, name, current_organization } = answer.value.resource;
  return {
    ...answer,
    value: { uri, email: email ?? null, name: name ?? null, organization: current_organization ?? null },
  };
}
