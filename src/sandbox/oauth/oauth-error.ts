import { HttpError } from '../http-error.ts';

/** Calendly's authorization server is a Doorkeeper. These are its error names and English sentences, word for word. */
export const oauthSentences = {
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  unauthorized_client: 'You are not authorized to revoke this token',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server.',
  unsupported_response_type: 'The authorization server does not support this response type.',
  invalid_scope: 'The requested scope is invalid, unknown, or malformed.',
  access_denied: 'The resource owner or authorization server denied the request.',
  invalid_code_challenge_method: 'The code_challenge_method must be S256.',
} as const;

export type OAuthErrorName = keyof typeof oauthSentences;

const statuses: Partial<Record<OAuthErrorName, number>> = { invalid_client: 401, unauthorized_client: 403 };

export function oauthError(name: OAuthErrorName, status = statuses[name] ?? 400): HttpError {
  return new HttpError(status, { error: name, error_description: oauthSentences[name] });
}

/** Repeats the error as a challenge, as Doorkeeper does at the token endpoint. Some OAuth libraries see only that. */
export function withChallenge(error: HttpError): HttpError {
  const { error: name, error_description: description } = error.body as { error?: string; error_description?: string };
  if (name === undefined) return error;
  return new HttpError(error.status, error.body, {
    ...error.headers,
    'cache-control': 'no-store',
    'www-authenticate': `Bearer realm="Doorkeeper", error="${name}", error_description="${description}"`,
  });
}

export function missingParameter(name: string): HttpError {
  const description = `Missing required parameter: ${name}.`;
  return new HttpError(400, { error: 'invalid_request', error_description: description });
}
