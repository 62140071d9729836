import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWithMeeting, waitForState } from '../../support/world/cast-of-tenants.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startInspected, type InspectedService } from '../../support/service/inspected-service.ts';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';

let running: InspectedService;
let inspector: OpenInspector;
beforeAll(async () => {
  running = await startInspected();
  inspector = await openInspector(running.url, 'Nora Night');
  await connectWithMeeting(running.stage, 'acme');
});
afterAll(() => running.stop());

const events = async (tenantId: string) =>
  (await running.api('GET', `/v1/tenants/${tenantId}/history`)).body.items as {
    kind: string;
    event: { type: string } | null;
    cause: Record<string, string>;
    note: string | null;
  }[];

/** What was commanded, whatever answers of effects still come in. */
const commands = async (tenantId: string) =>
  (await events(tenantId)).filter((item) => item.event !== null && !item.event.type.includes('.'));

describe('a command', () => {
  test("a command is the machine's own event, with the operator's name in the history", async () => {
    const answer = await inspector.post('/tenants/acme/commands/resync');
    expect(answer.status).toBe(303);
    expect((await events('acme')).find((item) => item.event?.type === 'resync')?.cause).toEqual({
      kind: 'operator',
      name: 'Nora Night',
      route: 'resync',
    });
  });

  test('connect gives a link where consent is needed, and none where the stored grant works', async () => {
    const linked = await inspector.post('/tenants/newcomer/commands/connect');
    expect(linked.status).toBe(200);
    expect(await linked.text()).toContain(`${running.sandbox.url}/oauth/authorize?`);
    expect((await inspector.post('/tenants/acme/commands/connect')).status).toBe(303);
  });

  test('what the present state does not take is a 409 that names what it does', async () => {
    const answer = await inspector.post('/tenants/newcomer/commands/resync');
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('connect, disconnect');
  });
});

describe('what changes nothing', () => {
  test("nothing is changed without the form's own token, from another origin, or without a session", async () => {
    const before = await commands('acme');
    const at = `${running.url}/inspector/tenants/acme/commands/disconnect`;
    const form = (fields: Record<string, string>, headers: Record<string, string>) =>
      fetch(at, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: inspector.cookie, ...headers },
        body: new URLSearchParams(fields),
      });
    expect((await inspector.post('/tenants/acme/commands/disconnect', { formToken: 'guessed' })).status).toBe(403);
    expect((await form({}, {})).status).toBe(403);
    expect((await form({ formToken: 'x' }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await form({ formToken: 'x' }, { origin: 'null' })).status).toBe(403);
    expect((await form({ formToken: 'x' }, { cookie: '' })).status).toBe(401);
    const other = await openInspector(running.url, 'Somebody Else');
    const stolen = /name="formToken" value="([^"]+)"/.exec(await (await other.get('')).text())![1]!;
    expect((await form({ formToken: stolen }, {})).status).toBe(403);
    expect(await commands('acme')).toEqual(before);
  });

  test('a GET never changes anything', async () => {
    const before = await commands('acme');
    for (const path of [
      '/tenants/acme/commands/disconnect',
      '/tenants/acme/what-if?event=disconnect',
      '/tenants/acme/compare',
      '/tenants/acme/export',
    ])
      await inspector.get(path);
    expect(await commands('acme')).toEqual(before);
  });
});

describe('what would happen', () => {
  test('what would happen is what happens', async () => {
    // A state that stays: no timer comes in between.
    running.sandbox.controls.accounts.add({ slug: 'cautious', name: 'Cautious', plan: 'paid' });
    const { body } = await running.api('POST', '/v1/tenants/cautious/connection/connect');
    await giveConsent(body.authorizeUrl, 'cautious', {
      scopes: ['users:read', 'scheduled_events:read', 'webhooks:read'],
    });
    await waitForState(running.stage, 'cautious', 'error.needsPermission');
    const page = await (await inspector.get('/tenants/cautious/what-if?event=retry')).text();
    const [, top, below] = /<td><span class="badge[^>]*>.*?<b>(\w+)<\/b><span class="sub">\.(\w+)</s.exec(
      page.slice(page.indexOf('<tbody>')),
    )!;
    await inspector.post('/tenants/cautious/commands/retry');
    const rows = (await running.api('GET', '/v1/tenants/cautious/history')).body.items as {
      event: { type: string } | null;
      to: string;
    }[];
    expect(rows.find((row) => row.event?.type === 'retry')?.to).toBe(`${top}.${below}`);
  });

  test('every event of the machine can be asked about in every state that was met', async () => {
    const names = [
      ...(await (await inspector.get('/tenants/acme/what-if')).text()).matchAll(
        /<option(?: selected)?>([^<]+)<\/option>/g,
      ),
    ].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(15);
    for (const tenantId of ['cautious', 'newcomer']) {
      for (const name of names) {
        const { status } = await inspector.get(`/tenants/${tenantId}/what-if?event=${name}`);
        expect({ tenantId, name, status }).toEqual({ tenantId, name, status: 200 });
      }
    }
  });
});

describe('what cannot be shown or changed', () => {
  test('a database of another installation is shown, and takes no command', async () => {
    const copy = await startInspected({ database: running.database, sharedSandbox: running.sandbox });
    try {
      const reader = await openInspector(copy.url);
      expect(await (await reader.get('/tenants/acme')).text()).toContain('Reads only.');
      const before = await commands('acme');
      for (const path of ['commands/refresh', 'commands/disconnect', 'compare', 'compare/delete-unknown']) {
        expect({ path, status: (await reader.post(`/tenants/acme/${path}`, { uri: 'x' })).status }).toEqual({
          path,
          status: 503,
        });
      }
      expect(await commands('acme')).toEqual(before);
    } finally {
      await copy.stop();
    }
  });

  test('a tenant that nobody knows, an id that is none, and a row of another tenant are pages that say so', async () => {
    expect((await inspector.get('/tenants/nobody')).status).toBe(404);
    expect((await inspector.get('/tenants/%3Cscript%3E')).status).toBe(400);
    const [foreign] = (await running.api('GET', '/v1/tenants/acme/history')).body.items as { id: number }[];
    expect((await inspector.get(`/tenants/cautious/history/${foreign!.id}`)).status).toBe(404);
  });
});
