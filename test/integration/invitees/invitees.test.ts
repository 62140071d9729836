import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const GINA = 'Gina.Guest@guest.example';

describe('what is kept of one invitee', () => {
  let running: TestService;
  beforeAll(async () => {
    running = await startTestService();
    for (const tenant of ['acme', 'zenith']) {
      running.sandbox.controls.accounts.add({ slug: tenant, name: tenant });
      running.sandbox.controls.book({ account: tenant, name: 'Gina Guest', email: GINA });
      await connectTenant(running, tenant, tenant);
      running.sandbox.controls.book({ account: tenant, name: 'Gina Guest', email: GINA });
      running.sandbox.controls.book({ account: tenant, name: 'Otto Other', email: 'otto@guest.example' });
      await waitFor(async () => (await meetings(tenant)).length === 3 && (await applied()) % 2 === 0);
    }
  });
  afterAll(() => running.stop());

  const meetings = async (tenant: string): Promise<any[]> =>
    (await running.api('GET', `/v1/tenants/${tenant}/meetings`)).body.items;
  const applied = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int n from delivery where verdict = 'applied'`.execute(
      running.database.db,
    );
    return rows[0]!.n;
  };
  const invitee = (method: string, email: string, more = '') =>
    running.api(method, `/v1/invitees?email=${encodeURIComponent(email)}${more}`);
  /** Every table that names this text, in any spelling. */
  const tablesThatName = async (text: string): Promise<string[]> => {
    const { rows: tables } = await sql<{ schema: string; name: string }>`
      select table_schema as schema, table_name as name from information_schema.tables
      where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`.execute(running.database.db);
    const named = [];
    for (const { schema, name } of tables) {
      const { rows } = await sql<{ n: number }>`select count(*)::int n from ${sql.table(`${schema}.${name}`)} as t
        where position(lower(${text}) in lower(t::text)) > 0
          or position(lower(${Buffer.from(text).toString('hex')}) in lower(t::text)) > 0`.execute(running.database.db);
      if (rows[0]!.n > 0) named.push(name);
    }
    return named;
  };

  test('is handed out by page, with the deliveries as Calendly sent them', async () => {
    const first = (await invitee('GET', GINA.toLowerCase(), '&limit=3')).body;
    const second = (await invitee('GET', GINA.toLowerCase(), `&limit=3&cursor=${first.nextCursor}`)).body;
    const items: any[] = [...first.items, ...second.items];
    expect(items.map(({ tenantId }) => tenantId).sort()).toEqual(['acme', 'acme', 'zenith', 'zenith']);
    expect(second.nextCursor).toBeNull();
    for (const { meeting } of items) expect(meeting).toMatchObject({ email: GINA, name: 'Gina Guest' });
    const delivered = items.filter(({ deliveries }) => deliveries.length > 0);
    expect(delivered).toHaveLength(2);
    for (const { deliveries, hostEvents } of delivered) {
      expect(deliveries[0].body).toMatchObject({ event: 'invitee.created', payload: { email: GINA } });
      expect(hostEvents.map(({ type }: { type: string }) => type)).toEqual(['meeting.created']);
    }
  });

  test('refuses what is no address, and finds nothing of a stranger', async () => {
    expect((await invitee('GET', 'nobody')).status).toBe(400);
    expect((await invitee('DELETE', '')).status).toBe(400);
    expect((await invitee('GET', 'stranger@guest.example')).body.items).toEqual([]);
    expect((await invitee('DELETE', 'stranger@guest.example')).body).toMatchObject({ tenants: 0, meetings: 0 });
  });

  test('is erased in every table, and nobody else loses anything', async () => {
    expect(await tablesThatName(GINA)).toEqual(
      expect.arrayContaining(['delivery', 'exchange', 'host_event', 'meeting']),
    );
    const { status, body } = await invitee('DELETE', GINA.toUpperCase());
    expect(status).toBe(200);
    expect(body).toMatchObject({ tenants: 2, meetings: 4, deliveries: 2, waiting: 0 });
    expect(body.hostEvents).toBeGreaterThanOrEqual(4);
    expect(await tablesThatName(GINA)).toEqual([]);
    for (const tenant of ['acme', 'zenith'])
      expect((await meetings(tenant)).map(({ email }) => email)).toEqual(['otto@guest.example']);
    const { items } = (await running.api('GET', '/v1/tenants/acme/history?limit=1')).body;
    expect(items[0]).toMatchObject({ note: 'Erased what was kept of one invitee.' });
    expect((await invitee('GET', GINA)).body.items).toEqual([]);
    expect((await invitee('DELETE', GINA)).body).toMatchObject({ tenants: 0, meetings: 0 });
  });
});
