import { Type } from 'typebox';
import { callApi, idOf, type ApiAnswer, type ApiClient } from './api.ts';
import type { Trace } from './exchange.ts';

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Organization = Type.Object({
  resource: Type.Object({
    uri: Type.String({ minLength: 1 }),
    name: optionalText,
    plan: optionalText,
    stage: optionalText,
  }),
});

export interface CalendlyOrganization {
  uri: string;
  name: string | null;
  /** `basic`, `essentials`, `professional`, `teams`, `enterprise`: some webhooks need a paid one. */
  plan: string | null;
  stage: string | null;
}

/** `GET /organizations/{id}`; needs the scope `organizations:read`, which the connection itself does not. */
export async function fetchOrganization(
  client: ApiClient,
  trace: Trace,
  accessToken: string,
  uri: string,
): Promise<ApiAnswer<CalendlyOrganization>> {
  const answer = await callApi(
    client,
    trace,
    accessToken,
    { method: 'GET', path: `/organizations/${idOf(uri)}` },
    Organization,
  );
  if (answer.kind !== 'ok') return answer;
  const { uri: at, name, plan, stage } = answer.value.resource;
  return { ...answer, value: { uri: at, name: name ?? null, plan: plan ?? null, stage: stage ?? null } };
}
