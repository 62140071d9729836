import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Hook {
  id: string;
  owner: string;
  url: string;
  events: string[];
  key: string;
  state: string;
}
interface Booking {
  owner: string;
  event: string;
  invitee: string;
  name: string;
  email: string;
  updated: string;
  canceled: boolean;
}

export interface OtherCalendly {
  url: string;
  hooks: Hook[];
  /** Grant types and results of all calls at the token endpoint, in order. */
  tokenCalls: string[];
  /** Refresh tokens that would be taken now. Access tokens live out their two hours, as they do at Calendly. */
  liveRefreshTokens(): number;
  /** A person's browser at the consent page: the address that it is sent on to. */
  consent(authorizeUrl: string, person: string): string;
  book(person: string, name: string): Promise<void>;
  revokeAll(): void;
  close(): Promise<void>;
}

const BASE = 'https://calendly.example.test/api/v2';
const id = (): string => Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('');
const PAGE = 3;

/**
 * A Calendly by another hand, sharing nothing with the sandbox: legacy ids, another base of URIs, the scope `default`, no
 * organization in the token answer, unknown members, headers in odd cases, challenges beside OAuth errors, creates without
 * Location, small pages by token, 200 where others say 204, 401 where others say 400, and answers that do not call themselves JSON.
 */
export async function startOtherCalendly({
  clientId,
  clientSecret,
  reuseStatus = 401,
}: {
  clientId: string;
  clientSecret: string;
  reuseStatus?: 400 | 401;
}): Promise<OtherCalendly> {
  const codes = new Map<string, { person: string; challenge: string; redirect: string }>();
  const access = new Map<string, string>();
  const refresh = new Map<string, string>();
  const bookings: Booking[] = [];
  const people = new Map<string, string>();
  const calendly: Omit<OtherCalendly, 'url' | 'close'> = {
    hooks: [],
    tokenCalls: [],
    liveRefreshTokens: () => refresh.size,
    revokeAll: () => [access, refresh].forEach((tokens) => tokens.clear()),
    consent(authorizeUrl, person) {
      const asked = new URL(authorizeUrl).searchParams;
      const code = id();
      if (!people.has(person)) people.set(person, id());
      codes.set(code, { person, challenge: asked.get('code_challenge')!, redirect: asked.get('redirect_uri')! });
      return `${asked.get('redirect_uri')}?state=${encodeURIComponent(asked.get('state')!)}&code=${code}`;
    },
    async book(person, name) {
      const booking = {
        owner: person,
        event: `${BASE}/scheduled_events/${id()}`,
        invitee: '',
        name,
        email: `${name}@guest.test`,
        updated: new Date().toISOString(),
        canceled: false,
      };
      booking.invitee = `${booking.event}/invitees/${id()}`;
      bookings.push(booking);
      for (const hook of calendly.hooks.filter(({ owner, url }) => owner === person && url.startsWith('http://127.')))
        await deliver(hook, booking);
    },
  };

  const userUri = (person: string) => `${BASE}/users/${people.get(person)}`;
  const organizationUri = (person: string) =>
    `${BASE}/organizations/${people.get(person)!.split('').reverse().join('')}`;
  const eventOf = ({ event, updated, canceled, owner }: Booking) => ({
    uri: event,
    name: 'Talk',
    status: canceled ? 'canceled' : 'active',
    start_time: '2031-05-05T10:00:00.000000Z',
    end_time: '2031-05-05T10:30:00.000000Z',
    created_at: updated,
    updated_at: updated,
    location: { type: 'hologram', depth: 3 },
    event_memberships: [{ user: userUri(owner) }],
    event_type: `${BASE}/event_types/${id()}`,
    novelty: [],
  });
  const inviteeOf = ({ invitee, event, name, email, updated, canceled }: Booking) => ({
    uri: invitee,
    event,
    name,
    email,
    status: canceled ? 'canceled' : 'active',
    timezone: 'Mars/Olympus',
    created_at: updated,
    updated_at: updated,
    cancel_url: 'https://x.test/c',
    reschedule_url: 'https://x.test/r',
    rescheduled: false,
  });

  async function deliver({ url, key }: Hook, booking: Booking): Promise<void> {
    const body = JSON.stringify({
      event: 'invitee.created',
      created_at: booking.updated,
      created_by: userUri(booking.owner),
      retry: 'no',
      payload: { ...inviteeOf(booking), scheduled_event: eventOf(booking) },
    });
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
    await fetch(url, {
      method: 'POST',
      body,
      headers: { 'CALENDLY-WEBHOOK-SIGNATURE': `v1=${v1}, t=${t}`, 'content-type': 'application/json' },
    });
  }

  function token(request: IncomingMessage, form: URLSearchParams): [number, unknown, object?] {
    const kind = form.get('grant_type') ?? '';
    const challenge = {
      'WWW-Authenticate':
        'Bearer realm="Doorkeeper", error="invalid_grant", error_description="The provided authorization grant is invalid."',
    };
    const refuse = (status: number, error: string): [number, unknown, object] => {
      calendly.tokenCalls.push(`${kind} ${error}`);
      return [status, { error, error_description: 'No.', error_uri: null }, challenge];
    };
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
    if (basic !== `${clientId}:${clientSecret}`) return refuse(401, 'invalid_client');
    let person: string | undefined;
    if (kind === 'authorization_code') {
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenged = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (code?.challenge === challenged && code.redirect === form.get('redirect_uri')) person = code.person;
    } else {
      person = refresh.get(form.get('refresh_token') ?? '');
      refresh.delete(form.get('refresh_token') ?? '');
    }
    if (person === undefined) return refuse(reuseStatus, 'invalid_grant');
    calendly.tokenCalls.push(`${kind} ok`);
    const pair = {
      access_token: `at.${randomBytes(20).toString('hex')}`,
      refresh_token: `rt.${randomBytes(20).toString('hex')}`,
    };
    access.set(pair.access_token, person);
    refresh.set(pair.refresh_token, person);
    return [
      200,
      {
        ...pair,
        token_type: 'bearer',
        expires_in: 7200,
        scope: 'default',
        owner: userUri(person),
        created_at: 1,
        tier: { name: 'gold' },
      },
    ];
  }

  const pageOf = (items: unknown[], query: URLSearchParams) => {
    const from = Number(query.get('page_token')?.slice(1) ?? 0);
    const next = from + PAGE < items.length ? `p${from + PAGE}` : null;
    return {
      collection: items.slice(from, from + PAGE),
      pagination: { count: PAGE, next_page: next && 'https://never.asked.test/', next_page_token: next, tip: 1 },
    };
  };
  const hookView = ({ id: hook, owner, url, events, state }: Hook) => ({
    uri: `${BASE}/webhook_subscriptions/${hook}`,
    callback_url: url,
    state,
    events,
    scope: 'user',
    organization: organizationUri(owner),
    user: userUri(owner),
    creator: userUri(owner),
    created_at: '2026-01-01T00:00:00Z',
    colour: 'blue',
  });

  function api(method: string, { pathname, searchParams }: URL, person: string, body: string): [number, unknown] {
    const [, what, which, below] = pathname.split('/');
    if (pathname === '/users/me')
      return [
        200,
        {
          resource: {
            uri: userUri(person),
            name: person,
            email: `${person}@other.test`,
            current_organization: organizationUri(person),
            mood: null,
          },
        },
      ];
    if (what === 'webhook_subscriptions' && method === 'GET') {
      if (searchParams.get('organization') !== organizationUri(person) || searchParams.get('user') !== userUri(person))
        return [400, { title: 'Invalid Argument', message: 'x' }];
      return [200, pageOf(calendly.hooks.filter(({ owner }) => owner === person).map(hookView), searchParams)];
    }
    if (what === 'webhook_subscriptions' && method === 'POST') {
      const { url, events, signing_key: key, user } = JSON.parse(body);
      if (user !== userUri(person)) return [403, { title: 'Permission Denied', message: 'You do not have permission' }];
      if (calendly.hooks.some((hook) => hook.url === url)) return [409, { title: 'Already Exists' }];
      const hook = { id: id(), owner: person, url, events, key, state: 'active' };
      calendly.hooks.push(hook);
      return [201, { resource: hookView(hook) }];
    }
    if (what === 'webhook_subscriptions' && method === 'DELETE') {
      const at = calendly.hooks.findIndex((hook) => hook.id === which && hook.owner === person);
      return at < 0 ? [404, {}] : (calendly.hooks.splice(at, 1), [200, { message: 'deleted' }]);
    }
    const mine = bookings.filter(({ owner }) => owner === person);
    if (what === 'scheduled_events' && below === 'invitees')
      return [200, pageOf(mine.filter(({ event }) => event.endsWith(which!)).map(inviteeOf), searchParams)];
    if (what === 'scheduled_events') return [200, pageOf(mine.map(eventOf), searchParams)];
    return [404, { title: 'Resource Not Found' }];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const send = (status: number, json: unknown, headers: object = {}) => {
      response.writeHead(status, { 'X-RATELIMIT-REMAINING': '9', 'x-Request-ID': id(), ...headers });
      response.end(JSON.stringify(json));
    };
    if (url.pathname === '/oauth/token') return send(...token(request, new URLSearchParams(body)));
    if (url.pathname === '/oauth/revoke') {
      const revoked = new URLSearchParams(body).get('token') ?? '';
      access.delete(revoked);
      refresh.delete(revoked);
      return send(200, {});
    }
    const person = access.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (person === undefined)
      return send(401, { title: 'Unauthenticated' }, { 'www-authenticate': 'Bearer error="invalid_token"' });
    send(...api(request.method ?? '', url, person, body));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...calendly,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
