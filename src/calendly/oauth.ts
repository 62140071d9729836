import * as oauth from 'oauth4webapi';
import { Value } from 'typebox/value';
import { Nothing } from './api.ts';
import type { Outcome, RecordExchange, Trace } from './exchange.ts';
import { failureOf, type CallFailure } from './failure.ts';
import { send } from './transport.ts';

export interface OAuthClient {
  authBaseUrl: string;
  clientId: string;
  clientSecret: string;
}

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string | null;
  expiresInSeconds: number;
  scope: string;
  owner: string | null;
  organization: string | null;
}

export type TokenAnswer =
  | { kind: 'issued'; exchangeId: string; tokens: IssuedTokens }
  /** `invalid_grant`: the code or refresh token is spent, expired or revoked. */
  | { kind: 'refused'; exchangeId: string; message: string }
  | { kind: 'failed'; failure: CallFailure };

/** Far longer than any real answer takes. After a refresh without an answer, nobody knows which tokens are valid. */
const TOKEN_TIMEOUT_MS = 60_000;
const REVOKE_TIMEOUT_MS = 20_000;
/** Calendly's access tokens live two hours. This is assumed if an answer does not say it. */
const DEFAULT_LIFE_SECONDS = 7200;

export function authorizationUrl(
  client: OAuthClient,
  request: { redirectUri: string; state: string; codeChallenge: string; scopes: readonly string[] },
): string {
  const url = new URL(`${client.authBaseUrl}/oauth/authorize`);
  url.search = new URLSearchParams({
    client_id: client.clientId,
    response_type: 'code',
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

export function exchangeCode(
  client: OAuthClient,
  record: RecordExchange,
  trace: Trace,
  { code, codeVerifier, redirectUri }: { code: string; codeVerifier: string; redirectUri: string },
): Promise<TokenAnswer> {
  return tokenRequest(client, record, trace, [code, codeVerifier], (server, clientId, authentication, options) =>
    oauth.genericTokenEndpointRequest(
      server,
      clientId,
      authentication,
      'authorization_code',
      { code, redirect_uri: redirectUri, code_verifier: codeVerifier },
      options,
    ),
  );
}

export function refreshTokens(
  client: OAuthClient,
  record: RecordExchange,
  trace: Trace,
  refreshToken: string,
): Promise<TokenAnswer> {
  return tokenRequest(client, record, trace, [refreshToken], (server, clientId, authentication, options) =>
    oauth.refreshTokenGrantRequest(server, clientId, authentication, refreshToken, options),
  );
}

/** For a revocation, Calendly takes the client's credentials in the form body, not as Basic. */
export async function revokeToken(
  client: OAuthClient,
  record: RecordExchange,
  trace: Trace,
  token: string,
): Promise<CallFailure | null> {
  const outcome = await send(record, trace, {
    url: `${client.authBaseUrl}/oauth/revoke`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ client_id: client.clientId, client_secret: client.clientSecret, token }).toString(),
    secrets: [token, client.clientSecret],
    timeoutMs: REVOKE_TIMEOUT_MS,
  });
  const isDone =
    outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300 && Value.Check(Nothing, outcome.body);
  return isDone ? null : oauthFailure(outcome);
}

type Request = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  options: oauth.TokenEndpointRequestOptions,
) => Promise<Response>;

async function tokenRequest(
  client: OAuthClient,
  record: RecordExchange,
  trace: Trace,
  secrets: string[],
  request: Request,
): Promise<TokenAnswer> {
  const { authBaseUrl, clientId, clientSecret } = client;
  const server: oauth.AuthorizationServer = { issuer: authBaseUrl, token_endpoint: `${authBaseUrl}/oauth/token` };
  let outcome: Outcome | undefined;
  try {
    const response = await request(server, { client_id: clientId }, basicAuthentication(client), {
      [oauth.allowInsecureRequests]: new URL(authBaseUrl).protocol === 'http:',
      [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
        const body = init.body.toString();
        outcome = await send(record, trace, {
          url,
          method: 'POST',
          headers: init.headers,
          body,
          secrets: [...secrets, clientSecret, basicCredentials(client)],
          timeoutMs: TOKEN_TIMEOUT_MS,
          recordedBody: { grant_type: init.body.get('grant_type') },
        });
        if (outcome.kind === 'unanswered') throw new UnansweredError();
        return bareResponse(outcome);
      },
    } as oauth.TokenEndpointRequestOptions);
    const answer = await oauth.processGenericTokenEndpointResponse(server, { client_id: clientId }, response);
    return issued(answer, outcome!.exchangeId);
  } catch (error) {
    if (outcome === undefined) throw error;
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') {
      return {
        kind: 'refused',
        exchangeId: outcome.exchangeId,
        message: 'Calendly refused the grant (invalid_grant).',
      };
    }
    return { kind: 'failed', failure: oauthFailure(outcome) };
  }
}

const basicCredentials = ({ clientId, clientSecret }: OAuthClient): string =>
  Buffer.from(`${clientId}:${clientSecret}`).toString('base64');

/** Id and secret are not encoded, as Calendly documents it. Calendly does not decode RFC 6749's form-encoding (`-` as `%2D`). */
function basicAuthentication(client: OAuthClient): oauth.ClientAuth {
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${basicCredentials(client)}`);
}

/**
 * Only the body decides. Calendly's server sends a `WWW-Authenticate` challenge with every error; the library would stop there and
 * never read the error's name. And an answer with tokens counts even if its content type is not JSON.
 */
function bareResponse({ status, headers, text, body }: Extract<Outcome, { kind: 'answered' }>): Response {
  const isObject = typeof body === 'object' && body !== null;
  const type = isObject ? 'application/json' : (headers.get('content-type') ?? 'text/plain');
  return new Response(status === 204 ? null : text, { status, headers: { 'content-type': type } });
}

class UnansweredError extends Error {}

/** At the OAuth endpoints a 401 says that our client is refused, not a user's token. */
function oauthFailure(outcome: Outcome): CallFailure {
  const failure = failureOf(outcome);
  if (failure.code === 'forbidden_by_proxy' && isOAuthError(outcome)) {
    return {
      ...failure,
      kind: 'invalid',
      code: 'request_refused',
      message: 'Calendly refused the request with 403.',
      certain: true,
    };
  }
  return failure.kind === 'unauthorized'
    ? {
        ...failure,
        kind: 'invalid',
        code: 'client_rejected',
        message: 'Calendly refused the client id or secret (401).',
      }
    : failure;
}

function isOAuthError(outcome: Outcome): boolean {
  const body = outcome.kind === 'answered' ? outcome.body : null;
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'string' &&
    'error_description' in body &&
    typeof body.error_description === 'string'
  );
}

function issued(answer: oauth.TokenEndpointResponse, exchangeId: string): TokenAnswer {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    kind: 'issued',
    exchangeId,
    tokens: {
      accessToken: answer.access_token,
      refreshToken: text(answer.refresh_token),
      expiresInSeconds: answer.expires_in ?? DEFAULT_LIFE_SECONDS,
      scope: text(answer.scope) ?? '',
      owner: text(answer['owner']),
      organization: text(answer['organization']),
    },
  };
}
