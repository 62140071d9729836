/** Every problem that the HTTP interface can answer with. `docs/errors.md` explains each; a test compares both. */
export const problems = {
  request_invalid: { status: 400, title: 'The request does not match the schema' },
  cursor_invalid: { status: 400, title: 'The cursor is not valid' },
  return_to_not_allowed: { status: 400, title: 'The origin of returnTo is not allowed' },
  client_unknown: { status: 400, title: 'No such Calendly client is configured' },
  ticket_invalid: { status: 400, title: 'This ticket is not valid for this tenant' },
  api_key_required: { status: 401, title: 'A valid API key is required' },
  login_required: { status: 401, title: 'A login to the inspector is required' },
  signature_refused: { status: 401, title: "The delivery is not signed with this subscription's key" },
  scope_missing: { status: 403, title: 'The API key lacks the necessary scope' },
  role_missing: { status: 403, title: 'Viewers cannot change anything' },
  form_refused: { status: 403, title: 'This form was not sent from a page of this session' },
  tenant_unknown: { status: 404, title: 'No such tenant' },
  not_found: { status: 404, title: 'No such resource' },
  subscription_unknown: { status: 404, title: 'No such subscription' },
  event_not_accepted: { status: 409, title: 'This is not possible in the present state of the connection' },
  already_connected: { status: 409, title: 'The tenant already has a grant that works' },
  client_fixed: { status: 409, title: 'The tenant is connected with another Calendly client' },
  client_removed: { status: 409, title: 'The Calendly client of this tenant is no longer configured' },
  account_changed: { status: 409, title: 'This account is not waiting for confirmation' },
  no_usable_grant: { status: 409, title: 'The tenant has no grant that could give an access token' },
  events_not_sent: { status: 409, title: 'Events are kept in the feed and are not sent' },
  events_gone: { status: 410, title: 'The events after this cursor are no longer in the feed' },
  subscription_retired: { status: 410, title: 'This subscription is retired' },
  body_too_large: { status: 413, title: 'The body is larger than allowed' },
  media_type_unsupported: { status: 415, title: 'This media type is not supported' },
  host_refused: { status: 421, title: 'This host name is not allowed' },
  import_refused: { status: 422, title: 'These tokens cannot be imported' },
  too_many_attempts: { status: 429, title: 'Too many attempts' },
  too_many_requests: { status: 429, title: 'Too many requests at once with one key' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  overloaded: { status: 503, title: 'This process is overloaded' },
  token_unavailable: { status: 503, title: 'No access token was available in time' },
  deliveries_waiting: { status: 503, title: 'Too many deliveries are waiting to be stored' },
  credential_unreadable: { status: 503, title: 'No configured encryption key opens a secret that is needed' },
  database_unavailable: { status: 503, title: 'The database is not available' },
  tenant_busy: { status: 503, title: 'Another transaction has locked this tenant' },
  newer_release: { status: 503, title: 'A newer release has written this tenant, and this release cannot read it' },
  installation_changed: { status: 503, title: 'The database belongs to another installation' },
  stopping: { status: 503, title: 'The service is stopping' },
  not_listening: { status: 503, title: 'Changes from other instances do not arrive' },
} as const;

export type ProblemCode = keyof typeof problems;

/** Thrown by routes. It becomes a problem document (RFC 9457) with a stable `code`. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly extensions: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: ProblemCode,
    detail?: string,
    { extensions = {}, headers = {} }: { extensions?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(detail ?? problems[code].title);
    this.code = code;
    this.detail = detail;
    this.extensions = extensions;
    this.headers = headers;
  }
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export function problemDocument({
  code,
  detail,
  extensions,
}: Pick<ProblemError, 'code' | 'detail' | 'extensions'>): Record<string, unknown> {
  const { status, title } = problems[code];
  return { type: `about:blank#${code}`, title, status, ...(detail ? { detail } : {}), code, ...extensions };
}
