import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createClient,
  eachItem,
  ReconnectError,
  streamEvents,
  type ClientOptions,
  type ReconnectClient,
} from '../../../src/client/index.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { running, serveThisFile } from '../../support/service/service-of-file.ts';
import { API_KEY } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const HOST = 'https://app.host.example';
serveThisFile({ env: { RETURN_TO_ORIGINS: HOST } });

const document = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, 'description');

/** Also compares each answer with what the description of the routes says of it. */
const client = (): ReconnectClient =>
  createClient({
    url: running.url,
    apiKey: API_KEY,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const { pathname } = input as URL;
      const [path, methods] = Object.entries<any>(document.paths).find(([template]) =>
        new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
      )!;
      const method = (init?.method ?? 'GET').toLowerCase();
      const { responses } = methods[method];
      const status = String(response.status) in responses ? String(response.status) : `${response.status}`[0] + 'XX';
      const pointer = [
        'paths',
        path,
        method,
        'responses',
        status,
        'content',
        Object.keys(responses[status].content)[0]!,
        'schema',
      ]
        .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
        .map(encodeURIComponent)
        .join('/');
      const isDescribed = ajv.compile({ $ref: `description#/${pointer}` });
      expect(
        isDescribed(await response.clone().json()),
        `${method} ${pathname}: ${ajv.errorsText(isDescribed.errors)}`,
      ).toBe(true);
      return response;
    },
  });

const refusal = async (call: Promise<unknown>): Promise<ReconnectError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ReconnectError);
  return error as ReconnectError;
};

/** Something at the service's address that is not the service. */
async function clientOf(listener: RequestListener): Promise<ReconnectClient> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/below`, apiKey: API_KEY });
}

describe('a host with the client', () => {
  test('connects a tenant, completes the consent, sees the meeting and the events, and disconnects', async () => {
    const api = client();
    const tenantId = 'acme';
    const { authorizeUrl, connection } = await api.connect({ tenantId, returnTo: HOST, completion: 'host' });
    expect(connection.state).toBe('authorizing');
    const back = new URL((await giveConsent(authorizeUrl!, 'alice')).headers.get('location')!);
    const ticket = back.searchParams.get('ticket')!;
    expect(await api.completeConsent({ tenantId, ticket })).toMatchObject({ calendly: 'connected' });
    expect(await api.getConnection({ tenantId })).toMatchObject({
      state: 'connected',
      account: { name: 'Alice Ardent' },
    });

    for (const name of ['Gina', 'Hugo', 'Ines'])
      running.sandbox.controls.book({ account: 'alice', name, email: `${name.toLowerCase()}@guest.example` });
    const names = async () => {
      const found: (string | null)[] = [];
      for await (const { name } of eachItem(api.listMeetings, { tenantId, limit: 2 })) found.push(name);
      return found.sort();
    };
    await waitFor(async () => (await names()).length === 3, { describe: 'three meetings' });
    expect(await names()).toEqual(['Gina', 'Hugo', 'Ines']);

    const told = await waitFor(async () => {
      const { items } = await api.listEvents({ types: 'meeting.created,connection.state_changed' });
      return items.filter(({ type }) => type === 'meeting.created').length === 3 ? items : null;
    });
    // By its type, an event has its own data.
    for (const event of told) if (event.type === 'meeting.created') expect(event.data.noShow).toBe(false);
    await api.getAccessToken({ tenantId });
    for (const list of [api.listHistory, api.listExchanges, api.listDeliveries])
      expect((await list({ tenantId, limit: 5 })).items.length).toBeGreaterThan(0);
    await api.listOutgoingEvents();
    await api.listAudit({ limit: 100 });
    await api.getDiagnosis({ tenantId });
    await api.listDiagnoses();
    expect((await api.exportInvitee({ email: 'gina@guest.example' })).items).toHaveLength(1);
    expect((await api.listTenants({ state: 'connected', q: 'acme' })).counts).toMatchObject({ connected: 1 });
    expect((await api.resyncWebhooks({ tenantId })).connection.tenantId).toBe(tenantId);
    await waitFor(async () => (await api.getConnection({ tenantId })).state === 'connected');
    expect(await api.disconnect({ tenantId })).toMatchObject({ connection: { state: 'disconnected' }, debts: [] });
  });

  test('hears of every event once, also where the line is cut in between', async () => {
    const api = client();
    const tenantId = 'listener';
    const leaving = new AbortController();
    const heard: string[] = [];
    const lines: AbortController[] = [];
    let cursor = '';
    const types = 'meeting.created';
    const { nextCursor: after } = await api.listEvents({ tenantId, limit: 1 });
    const listening = (async () => {
      const options: ClientOptions = {
        url: running.url,
        apiKey: API_KEY,
        fetch: (input, init) => {
          lines.push(new AbortController());
          return fetch(input, { ...init, signal: AbortSignal.any([init!.signal!, lines.at(-1)!.signal]) });
        },
      };
      for await (const each of streamEvents(options, { tenantId, types, after }, { signal: leaving.signal })) {
        if (each.event.type === 'meeting.created') heard.push(each.event.data.name ?? '');
        cursor = each.cursor;
      }
    })();
    const { authorizeUrl } = await api.connect({ tenantId });
    await giveConsent(authorizeUrl!, 'bob');
    const book = (name: string) =>
      running.sandbox.controls.book({ account: 'bob', name, email: `${name.toLowerCase()}@guest.example` });
    book('Jana');
    await waitFor(() => heard.length === 1, { describe: 'the first event' });
    lines.at(-1)!.abort();
    book('Karl');
    await waitFor(() => heard.length === 2, { describe: 'the event after the cut' });
    leaving.abort();
    await listening;
    expect([heard, lines.length]).toEqual([['Jana', 'Karl'], 2]);
    expect((await api.listEvents({ tenantId, types, after: cursor })).items).toEqual([]);
    const refused = streamEvents({ url: running.url, apiKey: 'no-key' }, {}, { signal: new AbortController().signal });
    expect(await refusal(refused.next())).toMatchObject({ code: 'api_key_required' });
  });

  test('gets one kind of error, with the code and what belongs to it', async () => {
    const api = client();
    const unknown = await refusal(api.getConnection({ tenantId: 'nobody' }));
    expect([unknown.code, unknown.status, unknown.retryAfterSeconds]).toEqual(['tenant_unknown', 404, null]);
    await api.connect({ tenantId: 'left' });
    await api.disconnect({ tenantId: 'left' });
    const refused = await refusal(api.refreshTokens({ tenantId: 'left' }));
    expect(refused).toMatchObject({ code: 'event_not_accepted', status: 409 });
    expect(refused.problem?.['acceptedEvents']).toContain('connect');
    const stranger = createClient({ url: running.url, apiKey: 'not-a-key-of-this-service' });
    expect(await refusal(stranger.listTenants())).toMatchObject({ code: 'api_key_required', status: 401 });
    expect(unknown.stack).not.toContain(API_KEY);
  });
});

describe('the client', () => {
  test('knows when to come back', async () => {
    let header = '7';
    const api = await clientOf((_request, response) =>
      response
        .writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': header })
        .end(JSON.stringify({ type: 'about:blank#stopping', title: 'Stopping', status: 503, code: 'stopping' })),
    );
    const seconds = async () => (await refusal(api.listTenants())).retryAfterSeconds;
    expect(await seconds()).toBe(7);
    header = '99999999';
    expect(await seconds()).toBe(86_400);
    header = new Date(Date.now() + 600_000).toUTCString();
    expect(await seconds()).toBeGreaterThan(500);
    header = 'soon';
    expect(await seconds()).toBeNull();
  });

  test('waits no longer than it was told, and stops when it is told to', async () => {
    let asked = 0;
    const api = await clientOf((_request, response) => {
      asked++;
      // Half an answer, and then nothing.
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":');
    });
    expect(await refusal(api.listTenants({}, { timeoutMs: 100 }))).toMatchObject({ code: 'timed_out', status: null });
    const reason = new Error('the person has left');
    const leaving = new AbortController();
    const call = api.listTenants({}, { signal: leaving.signal });
    await waitFor(() => asked === 2);
    leaving.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(api.listTenants({}, { signal: leaving.signal })).rejects.toBe(reason);
    expect(asked).toBe(2);
  });

  test('gives its key to no other address, and takes nothing that is not an answer of the service', async () => {
    const seen: string[] = [];
    const api = await clientOf((request, response) => {
      seen.push(`${request.method} ${request.url} ${String(request.headers['prefer'])}`);
      if (request.url!.includes('moved')) response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end('<h1>A proxy</h1>');
    });
    expect(await refusal(api.getConnection({ tenantId: 'moved' }))).toMatchObject({
      code: 'answer_unreadable',
      status: 302,
    });
    expect(await refusal(api.getConnection({ tenantId: 'a:b' }, { waitSeconds: 3 }))).toMatchObject({ status: 200 });
    await expect(api.getConnection({ tenantId: '..' })).rejects.toThrow(TypeError);
    // @ts-expect-error: this operation has no such input
    await expect(api.getConnection({ tenantId: 'acme', returnTo: HOST })).rejects.toThrow(TypeError);
    expect(seen).toEqual([
      'GET /below/v1/tenants/moved/connection undefined',
      'GET /below/v1/tenants/a%3Ab/connection wait=3',
    ]);
    const nowhere = createClient({ url: 'http://127.0.0.1:9', apiKey: API_KEY });
    expect(await refusal(nowhere.listTenants())).toMatchObject({ code: 'unreachable', status: null });
  });
});
