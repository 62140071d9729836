import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../src/sandbox/index.ts';

export const app = { clientId: 'client-under-test', clientSecret: 'secret-under-test' };
export const redirectUri = 'http://127.0.0.1:9/oauth/callback';
export const usualScopes = 'users:read scheduled_events:read scheduled_events:write webhooks:write';

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
  owner: string;
  organization: string;
  expires_in: number;
  created_at: number;
  token_type: string;
}

/** A sandbox for one test, closed at its end. */
export async function sandboxForTest(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ ...app, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export function authorizeUrl(url: string, more: Record<string, string> = {}): string {
  const parameters = {
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    state: 's',
    scope: usualScopes,
  };
  return `${url}/oauth/authorize?${new URLSearchParams({ ...parameters, ...more }).toString()}`;
}

/** What the consent form posts; answers with the address that the browser is sent to. */
export async function consent(
  url: string,
  fields: [string, string][],
  more: Record<string, string> = {},
): Promise<URL> {
  const response = await fetch(authorizeUrl(url, more), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
  });
  await response.body?.cancel();
  return new URL(response.headers.get('location') ?? 'missing:');
}

export async function codeFor(url: string, account: string, more: Record<string, string> = {}): Promise<string> {
  const location = await consent(
    url,
    [
      ['account', account],
      ['decision', 'allow'],
    ],
    more,
  );
  return location.searchParams.get('code') ?? '';
}

export function postToken(url: string, fields: Record<string, string>, path = '/oauth/token'): Promise<Response> {
  const body = new URLSearchParams({ client_id: app.clientId, client_secret: app.clientSecret, ...fields });
  return fetch(`${url}${path}`, { method: 'POST', body });
}

export function refresh(url: string, refreshToken: string): Promise<Response> {
  return postToken(url, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

export async function connect(url: string, account: string, scope = usualScopes): Promise<Tokens> {
  const code = await codeFor(url, account, { scope });
  const response = await postToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  if (!response.ok) throw new Error(`token endpoint: ${response.status} ${await response.text()}`);
  return (await response.json()) as Tokens;
}

/** A request to the API by path; JSON in, status, headers and JSON out. */
export async function api(
  url: string,
  tokens: Pick<Tokens, 'access_token'>,
  method: string,
  path: string,
  json?: unknown,
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokens.access_token}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

export function subscription(tokens: Tokens, url: string, more: object = {}): object {
  return {
    url,
    events: ['invitee.created', 'invitee.canceled'],
    organization: tokens.organization,
    user: tokens.owner,
    scope: 'user',
    signing_key: 'key-of-this-subscription',
    ...more,
  };
}

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  body: any;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** The status of the coming answers; 0 leaves them unanswered. */
  answer: (request: Received) => number;
}

/** A webhook receiver on a real port, which keeps the raw bytes. */
export async function receiverForTest(): Promise<Receiver> {
  const receiver: Receiver = { url: '', received: [], answer: () => 200 };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const item = { path: request.url ?? '', headers: request.headers, raw, body: JSON.parse(raw.toString()) };
      receiver.received.push(item);
      const status = receiver.answer(item);
      if (status === 0) return;
      if (status >= 300 && status < 400) response.setHeader('location', `${receiver.url}/elsewhere`);
      response.writeHead(status).end('noted');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

/** The signature worked out anew from the raw bytes, by none of the sandbox's code. */
export function signatureIsGood(item: Received, key: string): boolean {
  const match = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(item.headers['calendly-webhook-signature']));
  if (!match) return false;
  const hmac = createHmac('sha256', key).update(Buffer.concat([Buffer.from(`${match[1]}.`), item.raw]));
  return hmac.digest('hex') === match[2];
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
