/**
 * Where the sandbox differs from Calendly's OpenAPI documents on purpose. The list is closed: what is not here fails, and so
 * does an entry that no answer needs any more.
 */
export interface Difference {
  /** `GET /event_types`, with the documents' parameters. */
  operation: RegExp;
  status: number;
  /** What the validator says, with the place in the body: `/collection/0 must have required property 'kind_description'`. */
  problem: RegExp;
  why: string;
}

const anything = /^/;

export const differences: readonly Difference[] = [
  {
    operation: /^GET \/event_types(\/\{uuid\})?$/,
    status: 200,
    problem: /must have required property 'kind_description'$/,
    why: 'recorded in May 2026: event types have no kind_description any more',
  },
  {
    operation: /^GET \/scheduled_events\/\{uuid\}$/,
    status: 200,
    problem: /^\/resource\/location must match a schema in anyOf$/,
    why: 'recorded: a Zoom location is of type "zoom", not "zoom_conference", and its data.id is a number',
  },
  {
    operation: anything,
    status: 401,
    problem: /^\/message must be equal to one of the allowed values: The access token (expired|was revoked)$/,
    why: 'an access token that expired or was revoked says so; the documents of 2023 know "is invalid" only',
  },
  {
    operation: anything,
    status: 403,
    problem: /^\/(title|message) must be equal to one of the allowed values: This operation requires the scopes listed/,
    why: 'scopes came in March 2026 with a title and a message of their own, which the documents of 2023 do not list',
  },
  {
    operation: /^POST \/webhook_subscriptions$/,
    status: 403,
    problem: /^must match a schema in anyOf: Please upgrade to a paid Calendly account\.$/,
    why: 'since 3 November 2026 the plan\'s refusal reads "Please upgrade to a paid Calendly account."',
  },
  {
    operation: /^GET \/users\/me$/,
    status: 403,
    problem: /^the content type is text\/plain/,
    why: 'Cloudflare answers some user agents by itself',
  },
  {
    operation: /^GET \/users\/me$/,
    status: 421,
    problem: /^the status is not described$/,
    why: 'the sandbox has no login, so it does not answer under a foreign name',
  },
  {
    operation: anything,
    status: 429,
    problem: /^the status is not described$/,
    why: 'rate limits are described beside the OpenAPI documents, with their headers and without a body',
  },
];

/** What the sandbox serves and the documents at hand do not describe. */
export const undescribed: readonly { operation: RegExp; why: string }[] = [
  { operation: /^(GET|POST) \/oauth\/authorize$/, why: 'OAuth is described on pages of its own' },
  { operation: /^POST \/oauth\/(token|revoke|introspect)$/, why: 'OAuth is described on pages of its own' },
  { operation: /^POST \/invitees$/, why: 'newer than the documents' },
  { operation: /^GET \/groups(\/[^/]+)?$/, why: 'newer than the documents' },
  { operation: /^GET \/organizations\/[^/]+$/, why: 'newer than the documents' },
  { operation: /^GET \/(nowhere|nothing\/here)$/, why: 'a test asks for what does not exist' },
];

/** An entry of either list, in the report of a whole run. */
export function entryName({ operation, why, ...rest }: Difference | (typeof undescribed)[number]): string {
  return ['status' in rest ? `${rest.status} ${rest.problem}` : '', operation, why].filter(Boolean).join(': ');
}
