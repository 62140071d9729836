import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTenant } from '../support/service/connect-tenant.ts';
import { openInspector } from '../support/service/open-inspector.ts';
import { API_KEY, startTestService, type TestService } from '../support/service/start-test-service.ts';
import { randomRequest, seeded, type Target } from './random-request.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
/** The same requests every time, so that a build says something of the change that it builds; `FUZZ_SEED=random` for others. */
const wanted = process.env['FUZZ_SEED'] ?? '1';
const SEED = wanted === 'random' ? Date.now() % 1_000_000_000 : Number(wanted);
const MOST_MS = 90_000;
const AT_ONCE = 8;
/** What a refused request must not change. The audit is there to note it. */
const TABLES = ['connection', 'oauth_grant', 'subscription', 'meeting', 'host_event', 'consent_attempt'] as const;

let running: TestService;
let cookie: string;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null } } });
  await connectTenant(running, 'acme', 'alice');
  await connectTenant(running, 'stays', 'bob');
  cookie = (await openInspector(running.url)).cookie;
});
afterAll(() => running.stop());

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema?: { properties?: object; anyOf?: { properties?: object }[] } }> };
}

/** Every route of the document, but for streams, which do not end; and the pages of the inspector and the docs, which are not in it. */
function targets(): Target[] {
  const { paths } = running.service.app.swagger() as { paths: Record<string, Record<string, Operation>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Target => {
      const [[type, content] = ['', undefined]] = Object.entries(requestBody?.content ?? {});
      const schemas = [content?.schema, ...(content?.schema?.anyOf ?? [])];
      return {
        method: method.toUpperCase(),
        path,
        query: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
        fields: schemas.flatMap((schema) => Object.keys(schema?.properties ?? {})),
        isForm: type.includes('form') || path.startsWith('/oauth'),
      };
    }),
  );
  const page = (path: string): Target => ({
    method: 'GET',
    path,
    query: ['cursor', 'q', 'at', 'state', 'event', 'before', 'next'],
    fields: [],
    isForm: false,
  });
  const form = (path: string, fields: string[]): Target => ({ method: 'POST', path, query: [], fields, isForm: true });
  const tabs = ['', '/exchanges', '/deliveries', '/meetings', '/events', '/what-if', '/export', '/history/{id}'];
  return [
    ...described.filter(({ path }) => !path.endsWith('/stream')),
    ...['/inspector', '/inspector/login', '/inspector/replay', '/inspector/events', '/inspector/audit', '/docs'].map(
      page,
    ),
    ...tabs.map((tab) => page(`/inspector/tenants/{id}${tab}`)),
    form('/inspector/replay', ['formToken', 'bundle']),
    form('/inspector/tenants/{id}/commands/{command}', ['formToken', 'switchAccount']),
  ];
}

const rows = async (): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      TABLES.map(async (table) => {
        const all = await running.database.db.selectFrom(table).selectAll().execute();
        return all.map((row) => JSON.stringify(row)).sort();
      }),
    ),
  );

test(`${REQUESTS} requests from seed ${SEED} are no failure of ours`, async () => {
  console.log(`FUZZ_SEED=${SEED} npm run test:fuzz`);
  const all = targets();
  const random = seeded(SEED);
  const end = performance.now() + MOST_MS;
  const failed: string[] = [];
  const statuses = new Map<number, number>();
  let left = REQUESTS;
  const work = async (): Promise<void> => {
    while (left-- > 0 && performance.now() < end) {
      const target = all[Math.floor(random() * all.length)]!;
      const authorization = `Bearer ${API_KEY}`;
      const headers = target.path.startsWith('/inspector') ? { cookie, accept: 'text/html' } : { authorization };
      const { method, path, body, headers: sent } = randomRequest(target, random, headers);
      const answer = await fetch(`${running.url}${path}`, {
        method,
        headers: sent as Record<string, string>,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      // What Calendly does not answer in time is a 503 in our contract.
      if (answer.status >= 500 && !text.includes('token_unavailable'))
        failed.push(`${answer.status} ${method} ${path.slice(0, 200)} ${body?.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)));
  const logged = running.logged.filter((line) => line.includes('"level":50')).map((line) => line.slice(0, 1_500));
  expect({ failed, logged: failed.length > 0 ? logged : [] }).toEqual({ failed: [], logged: [] });
});

test('a request that is refused changes no row', async () => {
  const random = seeded(SEED + 1);
  const all = targets();
  // What the first run set going comes to an end first.
  let before = await rows();
  for (let still = 0; still < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await rows();
    still = now === before ? still + 1 : 0;
    before = now;
  }
  // Fewer than the wrong keys after which an address is answered slowly.
  for (let n = 0; n < 25; n++) {
    const { method, path, body, headers } = randomRequest(all[Math.floor(random() * all.length)]!, random, {
      authorization: 'Bearer not-a-key-of-this-service',
    });
    const answer = await fetch(`${running.url}${path}`, {
      method,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status, `${method} ${path}`).toBeLessThan(500);
    await answer.arrayBuffer();
  }
  expect(await rows()).toBe(before);
});
