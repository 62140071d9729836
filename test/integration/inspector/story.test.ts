import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundle } from '../../../src/connection/reads/open-bundle.ts';
import { stickTenant } from '../../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../../support/service/inspected-service.ts';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';

let running: InspectedService;
let inspector: OpenInspector;
let secrets: string[];
beforeAll(async () => {
  running = await startInspected();
  inspector = await openInspector(running.url);
  await stickTenant(running.stage, 'stuck');
  const { db, box } = running.service.deps;
  const rows = await db.selectFrom('credential').selectAll().execute();
  secrets = rows.map((row) =>
    box.open(
      { keyId: row.key_id, sealed: row.sealed },
      { tenantId: row.tenant_id, purpose: row.purpose as 'access_token', credentialId: row.id },
    ),
  );
});
afterAll(() => running.stop());

/** Runs `npm run inspect` as a person does, on this service's database. */
const inspect = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['src/main.ts', 'inspect', ...args], {
    env: { ...process.env, DATABASE_URL: running.database.url, NO_COLOR: '1' },
  });

describe('bundles', () => {
  test('no page and no bundle has a secret', async () => {
    expect(secrets.length).toBeGreaterThan(2);
    const paths = [
      '',
      '/tenants/stuck',
      '/tenants/stuck/exchanges',
      '/tenants/stuck/deliveries',
      '/tenants/stuck/meetings',
      '/tenants/stuck/compare',
      '/tenants/stuck/what-if',
      '/tenants/stuck/export',
    ];
    const rows = (await running.api('GET', '/v1/tenants/stuck/history')).body.items as { id: number }[];
    for (const path of [...paths, ...rows.map(({ id }) => `/tenants/stuck/history/${id}`)]) {
      const text = await (await inspector.get(path)).text();
      expect({ path, leaked: secrets.filter((secret) => text.includes(secret)).length }).toEqual({ path, leaked: 0 });
    }
  });

  test('a bundle is a download that opens again, here and in the terminal', async () => {
    const answer = await inspector.get('/tenants/stuck/export');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="stuck-[\w-]+\.json"$/);
    const text = await answer.text();
    expect(openBundle(text)).toHaveProperty('bundle.connection.tenantId', 'stuck');
    const page = await inspector.post('/replay', { bundle: text });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Nothing here is live');
    expect(await running.database.db.selectFrom('connection').select('tenant_id').execute()).toHaveLength(1);
  });

  test('what is no bundle is refused with a reason, whatever it is', async () => {
    const { bundle } = openBundle(await (await inspector.get('/tenants/stuck/export')).text()) as {
      bundle: Record<string, unknown>;
    };
    const broken = [
      '',
      'null',
      '[]',
      '{}',
      '{"format":"x"}',
      '<script>alert(1)</script>',
      JSON.stringify({ ...bundle, history: [{ id: 'x' }] }),
      JSON.stringify({ ...bundle, exchanges: 7 }),
    ];
    for (const text of broken) {
      const answer = await inspector.post('/replay', { bundle: text });
      expect({ text: text.slice(0, 30), status: answer.status }).toEqual({ text: text.slice(0, 30), status: 400 });
      expect(await answer.text()).not.toContain('<script>alert');
    }
    const odd = structuredClone(bundle) as {
      history: { event: unknown; cause: unknown; to: unknown }[];
      exchanges: { headers: unknown; body: unknown }[];
    };
    odd.history[0] = {
      ...odd.history[0]!,
      event: { type: '<b>x</b>', failure: { code: { a: 1 } }, problem: 'text' },
      cause: { kind: 'stranger' },
      to: '"><script>alert(1)</script>',
    };
    odd.exchanges[0] = { ...odd.exchanges[0]!, headers: { a: { b: 1 } }, body: '<img src=x onerror=alert(1)>' };
    const answer = await inspector.post('/replay', { bundle: JSON.stringify(odd) });
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/<script>alert|<img src=x|<b>x</);
  });
});

describe('the terminal', () => {
  test('the terminal tells the same story, and no name steers it', async () => {
    await running.database.db
      .updateTable('exchange')
      .set({ body: JSON.stringify({ message: 'before \u001b[2J\u0007 after' }) })
      .where('status', '=', 503)
      .execute();
    const { stdout } = await inspect('stuck');
    expect(stdout).toMatch(/^stuck {2}\w+\.\w+ {2}since/);
    expect(stdout.indexOf('consent.granted')).toBeLessThan(stdout.indexOf('call.failed'));
    expect(stdout).toContain('✕ GET /webhook_subscriptions  503');
    expect(stdout).toContain('req-7f3a-stuck');
    expect(stdout).toMatch(/before .* after/);
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
    expect(secrets.filter((secret) => stdout.includes(secret))).toEqual([]);
    const json = await inspect('stuck', '--json');
    expect(openBundle(json.stdout)).toHaveProperty('bundle.connection.tenantId', 'stuck');
  });

  test('the terminal says what is wrong with the question', async () => {
    await expect(inspect('nobody')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No tenant nobody is known.'),
    });
    await expect(inspect()).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining("missing required argument 'subject'"),
    });
  });
});
