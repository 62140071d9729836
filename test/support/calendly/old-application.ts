import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLIENT } from '../service/start-test-service.ts';

/** A row of the table `calendly_connections`, as a hand-written flow keeps it. */
export interface OldRow {
  tenant_id: string;
  access_token: string;
  refresh_token: string;
  token_expires_at: string;
  webhook_uri: string;
  webhook_signing_key: string;
}

export interface OldApplication {
  url: string;
  rows: Map<string, OldRow>;
  /** Invitee URIs that its webhooks brought, by tenant, as often as they came. */
  heard: Map<string, string[]>;
  /** As somebody does in a browser once, long ago. */
  connect(tenantId: string, account: string, options?: { scopes?: string; callbackUrl?: string }): Promise<OldRow>;
  /** Presents the stored refresh token and stores what comes. Gives the status of Calendly's answer. */
  refresh(tenantId: string): Promise<number>;
  close(): Promise<void>;
}

interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  owner: string;
  organization: string;
}

const REDIRECT_URI = 'http://127.0.0.1:9/old/callback';
const SCOPES = 'users:read scheduled_events:read webhooks:write';

/** The application that a team has before it moves in: an OAuth flow and webhooks by hand, tokens in columns. */
export async function startOldApplication(calendlyUrl: string): Promise<OldApplication> {
  const rows = new Map<string, OldRow>();
  const heard = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const tenantId = request.url!.split('/').at(-1)!;
      const raw = Buffer.concat(chunks);
      const key = rows.get(tenantId)?.webhook_signing_key ?? '';
      if (!isSigned(String(request.headers['calendly-webhook-signature']), raw, key))
        return void response.writeHead(401).end();
      heard.set(tenantId, [...(heard.get(tenantId) ?? []), JSON.parse(raw.toString()).payload.uri]);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const token = (fields: Record<string, string>) =>
    fetch(`${calendlyUrl}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, ...fields }),
    });
  const tokensIn = (answer: TokenAnswer) => ({
    access_token: answer.access_token,
    refresh_token: answer.refresh_token,
    token_expires_at: new Date(Date.now() + answer.expires_in * 1000).toISOString(),
  });

  return {
    url,
    rows,
    heard,
    async connect(tenantId, account, { scopes = SCOPES, callbackUrl = `${url}/webhooks/${tenantId}` } = {}) {
      const ask = new URLSearchParams({
        client_id: CLIENT.clientId,
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        state: tenantId,
        scope: scopes,
      });
      const response = await fetch(`${calendlyUrl}/oauth/authorize?${ask.toString()}`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams([
          ['account', account],
          ['decision', 'allow'],
        ]),
      });
      await response.body?.cancel();
      const code = new URL(response.headers.get('location')!).searchParams.get('code')!;
      const answer = await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI });
      const tokens = (await answer.json()) as TokenAnswer;
      const key = randomBytes(16).toString('hex');
      const created = await fetch(`${calendlyUrl}/webhook_subscriptions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          url: callbackUrl,
          events: ['invitee.created', 'invitee.canceled'],
          organization: tokens.organization,
          user: tokens.owner,
          scope: 'user',
          signing_key: key,
        }),
      });
      const { resource } = (await created.json()) as { resource: { uri: string } };
      const row = { tenant_id: tenantId, ...tokensIn(tokens), webhook_uri: resource.uri, webhook_signing_key: key };
      rows.set(tenantId, row);
      return row;
    },
    async refresh(tenantId) {
      const row = rows.get(tenantId)!;
      const answer = await token({ grant_type: 'refresh_token', refresh_token: row.refresh_token });
      if (answer.ok) Object.assign(row, tokensIn((await answer.json()) as TokenAnswer));
      else await answer.body?.cancel();
      return answer.status;
    },
    close: () => closeServer(server),
  };
}

function isSigned(header: string, raw: Buffer, key: string): boolean {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (t === undefined || v1 === undefined || key === '') return false;
  const expected = createHmac('sha256', key).update(`${t}.`).update(raw).digest();
  return timingSafeEqual(expected, Buffer.from(v1, 'hex'));
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
