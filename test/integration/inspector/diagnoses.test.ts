import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/cli/diagnose.ts';
import { startInspected, type InspectedService } from '../../support/service/inspected-service.ts';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';
import { connectWithMeeting, stickTenant, waitForState } from '../../support/world/cast-of-tenants.ts';

let running: InspectedService;
let inspector: OpenInspector;
/** Two who are stuck for the same reason, and one who is well. */
const STUCK = ['one', 'two'];
const VIEWER = 'a-password-that-viewers-have';
beforeAll(async () => {
  running = await startInspected({ env: { INSPECTOR_VIEWER_PASSWORD: VIEWER } });
  inspector = await openInspector(running.url, 'Nora Night');
  for (const tenantId of ['one', 'well']) await connectWithMeeting(running.stage, tenantId);
  await stickTenant(running.stage, 'two');
  await running.api('POST', '/v1/tenants/one/connection/resync');
  await waitForState(running.stage, 'one', 'error.retrying');
});
afterAll(() => running.stop());

const text = async (answer: Promise<Response>) => (await answer).text();
const retriesOf = async (tenantId: string) =>
  (await running.api('GET', `/v1/tenants/${tenantId}/history`)).body.items.filter(
    (item: { event: { type: string } | null }) => item.event?.type === 'retry',
  );

describe('the diagnosis of one tenant', () => {
  test("a tenant's page begins with the sentence, what to do, and its button, on every tab", async () => {
    for (const path of ['', '/exchanges', '/events']) {
      const page = await text(inspector.get(`/tenants/one${path}`));
      expect(page).toContain('<strong>Calendly answers 503.</strong>');
      expect(page).toMatch(/class="button yes" data-ask href="[^"]*what-if\?event=retry"/);
      expect(page.indexOf('id="diagnosis"')).toBeLessThan(page.indexOf('class="tabs"'));
    }
    expect(await text(inspector.get('/tenants/well'))).toContain('data-code="well');
  });

  test('what is under way comes next, before the history and all the rest, and there is a way back to the list', async () => {
    const page = await text(inspector.get('/tenants/one'));
    const places = ['id="diagnosis"', 'id="now"', 'id="history"', 'id="chart"', 'id="side"'].map((id) =>
      page.indexOf(id),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(page).toMatch(/<a class="back" href="[^"]*\/inspector">/);
  });

  test('the list says of each tenant why no meetings arrive', async () => {
    const page = await text(inspector.get(''));
    const line = (tenantId: string) => page.split(`<tr id="t-${tenantId}">`)[1]!.split('</tr>')[0];
    expect(line('one')).toContain('<span class="verdict s-error">Calendly answers 503.</span>');
    expect(line('well')).toMatch(/<td class="why"><span class="quiet">/);
  });

  test('viewers see the buttons, disabled, and read why', async () => {
    const viewer = await openInspector(running.url, 'Vera View', VIEWER);
    for (const path of ['/tenants/one/what-if?event=retry', '/tenants/one/compare', '/diagnoses']) {
      const page = await text(viewer.get(path));
      expect(page, path).toMatch(/<button class="yes" disabled>/);
      expect(page, path).not.toMatch(/<button class="yes">/);
      expect(page, path).toContain('Viewers only read.');
    }
  });

  test('an arrow that begins nearly everywhere is drawn once, and lies open', async () => {
    const page = await text(inspector.get('/tenants/well'));
    const common = [...page.matchAll(/<title>nearly everywhere → ([\w.]+): ([^<]+)<\/title>/g)];
    expect(common.map(([, target, events]) => `${target}: ${events}`)).toEqual(
      expect.arrayContaining(['authorizing.awaitingConsent: connect', 'disconnected: disconnect, release']),
    );
    expect(page).toMatch(/class="arrow open" data-from="[^"]*connected\.webhooks[^"]*" data-target="disconnected"/);
  });
});

describe('groups of tenants', () => {
  test('the groups name their tenants, and lead to them', async () => {
    const page = await text(inspector.get('/diagnoses'));
    expect(page).toMatch(/2 tenants since <time[^>]+>[^<]+<\/time>: Calendly answers 503\./);
    for (const tenantId of STUCK) expect(page).toContain(`/tenants/${tenantId}">${tenantId}</a>`);
    expect(page).not.toContain('/tenants/well"');
  });

  test('a command for a group is in the history of each, by name; nobody else has it', async () => {
    const fields = { code: 'calendly_failing', headline: 'Calendly answers 503.', command: 'retry' };
    const page = await text(inspector.post('/diagnoses', fields));
    expect(page).toContain('Retry: 2 of 2.');
    for (const tenantId of STUCK) {
      const retries = await retriesOf(tenantId);
      expect(retries.map(({ cause }: { cause: object }) => cause)).toEqual([
        { kind: 'operator', name: 'Nora Night', route: 'retry, group' },
      ]);
    }
    expect(await retriesOf('well')).toEqual([]);
    expect((await inspector.post('/diagnoses', { ...fields, command: 'disconnect' })).status).toBe(400);
    expect((await inspector.post('/diagnoses', { ...fields, formToken: 'guessed' })).status).toBe(403);
  });
});

describe('questions, the past and bundles', () => {
  test('what cannot be done is not offered: nothing is sent by a question, and no event where none is sent', async () => {
    const asked = await text(inspector.get('/tenants/one/what-if?event=retry'));
    const wondered = await text(inspector.get('/tenants/one/what-if'));
    expect(asked).toContain('commands/retry"');
    expect(wondered).not.toContain('commands/');
    expect(wondered).toContain('Nothing is sent.');
    expect(await text(inspector.get('/tenants/one/events'))).not.toContain('Send again');
  });

  test('a page of the past says so, and shows nothing of now', async () => {
    const { body } = await running.api('GET', '/v1/tenants/one/history');
    const created = body.items.find(
      (item: { event: { type: string } | null }) => item.event?.type === 'subscription.created',
    );
    const page = await text(inspector.get(`/tenants/one?at=${created.id}`));
    expect(page).toMatch(/id="past" class="banner notice" role="status"><b>You are looking at the past/);
    const at = page.indexOf('id="past-state"');
    expect(page.slice(at, at + 400)).toContain('<b>connected</b>');
    // Through a state that is left at once: two arrows are one way.
    const taken = [...page.matchAll(/class="arrow[^"]* taken" data-from="[^"]*" data-target="([^"]+)"/g)];
    expect(taken.map(([, target]) => target).sort()).toEqual(['connected.webhooks', 'syncingWebhooks.retiring']);
    expect(await text(inspector.get('/tenants/one'))).toMatch(/id="past"[^>]* hidden/);
  });

  test('a bundle and the terminal tell the same', async () => {
    const bundle = JSON.parse(await text(inspector.get('/tenants/one/export')));
    expect(bundle.diagnosis.headline).toBe('Calendly answers 503.');
    const { db } = running.database;
    const told = await diagnose(db, 'one', { now: new Date(), json: false });
    expect(told).toContain('Calendly answers 503. Since ');
    expect(told).toContain('→ calendly: Wait');
    const all = await diagnose(db, null, { now: new Date(), json: false });
    expect(all).toMatch(/2 since \S+: Calendly answers 503\.\n {2}→ calendly: .*\n {2}one two\n/);
  });
});
