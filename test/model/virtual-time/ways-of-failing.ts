/** What comes back over the line. `timeout`, `cut`: nothing does. */
export type Reply = 'timeout' | 'cut' | { status: number; headers?: Record<string, string>; body: unknown };

/** A way in which Calendly fails: what its OAuth endpoints say, and what its API says. Left out: it cannot fail so there. */
export interface WayOfFailing {
  oauth?: Reply;
  api?: Reply;
  /** The API fails so at the creation of a webhook alone. */
  isAboutWebhooks?: boolean;
}

const HTML = '<!doctype html><title>Just a moment…</title>';
const oauthError = (status: number, error: string): Reply => ({
  status,
  body: { error, error_description: `Calendly said: ${error}.` },
});
const apiError = (status: number, message: string): Reply => ({
  status,
  body: { title: 'Error', message, details: [] },
});
const everywhere = (reply: Reply): WayOfFailing => ({ oauth: reply, api: reply });

const RETRY_AFTER_SECONDS = 600;

export const waysOfFailing: Record<string, WayOfFailing> = {
  '400': { oauth: oauthError(400, 'invalid_request'), api: apiError(400, 'The supplied parameters are invalid.') },
  invalid_grant: { oauth: oauthError(400, 'invalid_grant') },
  '401 (wrong client secret, refused access token)': {
    oauth: oauthError(401, 'invalid_client'),
    api: apiError(401, 'The access token is invalid'),
  },
  '403 of a proxy': everywhere({ status: 403, headers: { 'content-type': 'text/plain' }, body: 'error code: 1010' }),
  '403 of a role': {
    oauth: oauthError(403, 'unauthorized_client'),
    api: apiError(403, 'You do not have permission to access this resource.'),
  },
  '403 of a plan': { api: apiError(403, 'Please upgrade to a paid Calendly account.'), isAboutWebhooks: true },
  '403 of a scope': {
    api: {
      status: 403,
      body: { title: 'Permission Denied', message: 'Insufficient scope.', required_scopes: ['webhooks:write'] },
    },
  },
  '404': {
    oauth: oauthError(404, 'not_found'),
    api: apiError(404, 'The server could not find the requested resource.'),
  },
  '409': { api: apiError(409, 'Hook with this url already exists'), isAboutWebhooks: true },
  '429': { oauth: oauthError(429, 'rate_limited'), api: apiError(429, 'Too many requests') },
  '429, Retry-After 10 min': everywhere({
    status: 429,
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    body: { title: 'Too many', message: 'requests' },
  }),
  '500': everywhere({
    status: 500,
    body: { title: 'Internal Server Error', message: 'The server has encountered an unexpected error.' },
  }),
  '503': everywhere({ status: 503, headers: { 'content-type': 'text/html' }, body: HTML }),
  'no answer': everywhere('timeout'),
  cut: everywhere('cut'),
  garbage: everywhere({ status: 200, headers: { 'content-type': 'text/html' }, body: HTML }),
};

export const PLACES = ['OAuth', 'the API', 'both'] as const;
export type Place = (typeof PLACES)[number];

/** This way at one of the places or at both; null where it cannot fail so there. */
export function failingAt(way: WayOfFailing, place: Place): WayOfFailing | null {
  const { oauth, api, ...more } = way;
  if (place === 'OAuth') return oauth === undefined ? null : { oauth };
  if (place === 'the API') return api === undefined ? null : { api, ...more };
  return oauth === undefined || api === undefined ? null : way;
}
