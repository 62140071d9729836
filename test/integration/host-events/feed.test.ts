import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendHostEvent } from '../../../src/host-events/append-host-event.ts';
import { connectionLane, lockLanes } from '../../../src/host-events/lanes.ts';
import { pruneHostEvents } from '../../../src/host-events/prune-host-events.ts';
import { ProblemError } from '../../../src/errors.ts';
import { feedEnd, readFeed, type FeedPage } from '../../../src/host-events/read-feed.ts';
import { sequenceEvents } from '../../../src/host-events/sequence-events.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { API_KEY, request, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { afterEachStatement } from './after-each-statement.ts';
import { openStream } from '../../support/service/open-stream.ts';

describe('the feed of events', () => {
  let running: TestService;
  beforeAll(async () => {
    running = await startTestService();
    for (const tenant of ['acme', 'zenith']) {
      running.sandbox.controls.accounts.add({ slug: tenant, name: tenant });
      await connectTenant(running, tenant, tenant);
    }
  });
  afterAll(() => running.stop());

  const feed = async (query = '') => (await running.api('GET', `/v1/events?${query}`)).body;
  const book = (account: string, name: string) =>
    running.sandbox.controls.book({ account, name, email: 'guest@guest.example' });
  const names = (items: any[]) => items.filter(({ type }) => type === 'meeting.created').map(({ data }) => data.name);
  const named = (name: string) =>
    waitFor(
      async () => {
        const page = await feed('limit=100');
        return names(page.items).includes(name) && page;
      },
      { describe: `${name} in the feed` },
    );

  test('has everything without EVENTS_URL, oldest first, and goes on where the reader was', async () => {
    book('acme', 'One');
    await named('One');
    const seen = [];
    let cursor = '';
    for (let page; page?.hasMore !== false;) {
      page = await feed(`limit=2${cursor}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      cursor = `&after=${page.nextCursor}`;
    }
    expect(seen).toEqual((await feed('limit=100')).items);
    expect(seen[0]).toMatchObject({
      type: 'connection.state_changed',
      tenantId: 'acme',
      data: { state: 'authorizing', previous: { state: 'disconnected' } },
    });
    expect(await feed(cursor.slice(1))).toEqual({
      items: [],
      nextCursor: cursor.slice('&after='.length),
      hasMore: false,
    });
    expect((await feed('after=latest')).items).toEqual([]);
    book('acme', 'Two');
    await named('Two');
    expect(names((await feed(cursor.slice(1))).items)).toEqual(['Two']);
  });

  test('is filtered by tenant and type, and its cursor goes on past what is filtered out', async () => {
    book('zenith', 'Three');
    await named('Three');
    expect(new Set((await feed('tenantId=zenith')).items.map((event: any) => event.tenantId))).toEqual(
      new Set(['zenith']),
    );
    const created = await feed('types=meeting.created,meeting.canceled&limit=100');
    expect(names(created.items)).toEqual(['One', 'Two', 'Three']);
    expect(created.items).toHaveLength(3);
    expect((await feed('tenantId=nobody')).nextCursor).toBe((await feed('after=latest')).nextCursor);
  });

  test('refuses what is not asked for properly', async () => {
    expect((await request(`${running.url}/v1/events`, 'GET')).body.code).toBe('api_key_required');
    expect((await request(`${running.url}/v1/events/stream`, 'GET')).body.code).toBe('api_key_required');
    expect((await request(`${running.url}/v1/events/resend-parked`, 'POST')).body.code).toBe('api_key_required');
    for (const query of [
      'after=nonsense',
      'types=meeting.exploded',
      'limit=0',
      'limit=101',
      'tenantId=a%20b',
      'surprise=1',
      'after=LTE',
    ]) {
      expect(await running.api('GET', `/v1/events?${query}`), query).toMatchObject({ status: 400 });
      expect(await running.api('GET', `/v1/events/stream?${query.replace('limit', 'limits')}`), query).toMatchObject({
        status: 400,
      });
    }
    expect(await running.api('GET', `/v1/events?after=${Buffer.from('99999').toString('base64url')}`)).toMatchObject({
      status: 410,
      body: { code: 'events_gone' },
    });
    expect(await running.api('POST', '/v1/events/resend-parked')).toMatchObject({
      status: 409,
      body: { code: 'events_not_sent' },
    });
  });

  test('streams what comes, and a reader who comes back gets what he missed, once', async () => {
    const stream = await openStream(`${running.url}/v1/events/stream?types=meeting.created&tenantId=acme`, API_KEY);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    book('acme', 'Four');
    await waitFor(() => stream.events.length === 1);
    const [four] = stream.events;
    expect(four).toMatchObject({ type: 'meeting.created', data: { tenantId: 'acme', data: { name: 'Four' } } });
    await stream.close();

    book('acme', 'Five');
    book('zenith', 'Not asked for');
    await named('Not asked for');
    const again = await openStream(
      `${running.url}/v1/events/stream?types=meeting.created&tenantId=acme`,
      API_KEY,
      four!.id,
    );
    await waitFor(() => again.events.length === 1);
    book('acme', 'Six');
    await waitFor(() => again.events.length === 2);
    expect(again.events.map(({ data }) => data.data.name)).toEqual(['Five', 'Six']);
    await again.close();
  });

  test('forgets a tenant that is erased, and ends its streams when the service stops', async () => {
    expect(JSON.stringify(await feed('limit=100'))).toContain('zenith');
    await running.api('DELETE', '/v1/tenants/zenith');
    await waitFor(async () => (await running.api('GET', '/v1/tenants/zenith/connection')).status === 404, {
      describe: 'the erasure',
    });
    expect(JSON.stringify(await feed('limit=100'))).not.toContain('zenith');
    const rows = await running.database.db
      .selectFrom('host_event')
      .select('id')
      .where('tenant_id', '=', 'zenith')
      .execute();
    expect(rows).toEqual([]);

    const stream = await openStream(`${running.url}/v1/events/stream`, API_KEY);
    await running.service.stop();
    await waitFor(() => stream.ended());
  });
});

describe('places in the feed', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase({ max: 20 })));
  afterAll(() => database.close());
  const append = (trx: Parameters<typeof lockLanes>[0], tenantId: string, code: string) =>
    appendHostEvent(trx, {
      id: randomUUID(),
      type: 'connection.warning',
      at: new Date(),
      tenantId,
      lanes: [connectionLane(tenantId)],
      data: { code, message: '', details: {} },
    });

  test('let no reader miss an event, however long its writer takes to commit', async () => {
    const { db } = database;
    const late = await db.startTransaction().execute();
    await append(late, 'late', 'first number, last commit');
    await db.transaction().execute((trx) => append(trx, 'early', 'committed'));
    await sequenceEvents(db, { sending: false, now: new Date() });
    const page = await readFeed(db, null, 10, {});
    expect(page.items.map(({ event }) => event.tenantId)).toEqual(['early']);
    await late.commit().execute();
    await sequenceEvents(db, { sending: false, now: new Date() });
    expect((await readFeed(db, page.through, 10, {})).items.map(({ event }) => event.tenantId)).toEqual(['late']);
  });

  test("are read completely, once and in each tenant's order while many write, some roll back and several put in order", async () => {
    const { db } = database;
    const start = (await readFeed(db, null, 100, {})).through;
    const WRITERS = 8;
    const EACH = 40;
    let writing = WRITERS;
    const write = async (writer: number) => {
      for (let n = 0; n < EACH; n++) {
        const tenantId = `t${(writer + n) % 3}`;
        await db
          .transaction()
          .execute(async (trx) => {
            await lockLanes(trx, [connectionLane(tenantId)]);
            await append(trx, tenantId, `${writer}:${n}`);
            if (n % 5 === 4) throw new Error('rolled back');
          })
          .catch((error: unknown) => expect((error as Error).message).toBe('rolled back'));
      }
      writing--;
    };
    const sequence = async () => {
      while (writing > 0) await sequenceEvents(db, { sending: false, now: new Date() });
    };
    const isPlaced = async () =>
      (await db.selectFrom('host_event').select('id').where('position', 'is', null).limit(1).execute()).length === 0;
    const read = async () => {
      const seen: { position: number; event: any }[] = [];
      for (let after = start, done = false; !done;) {
        const isWritten = writing === 0;
        if (isWritten) await sequenceEvents(db, { sending: false, now: new Date() });
        // It places nothing while somebody else is at it.
        done = isWritten && (await isPlaced());
        const page = await readFeed(db, after, 7, {});
        seen.push(...page.items);
        after = page.through;
        if (page.hasMore) done = false;
      }
      return seen;
    };
    const [seen, alsoSeen] = await Promise.all([
      read(),
      read(),
      sequence(),
      sequence(),
      ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
    ]);
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: (WRITERS * EACH * 4) / 5 }, (_, index) => start + 1 + index));
    expect(alsoSeen).toEqual(seen);
    const { rows } = await database.pool.query(
      `select tenant_id, body->'data'->>'code' as code from host_event where tenant_id like 't_' order by seq`,
    );
    for (const tenant of ['t0', 't1', 't2']) {
      const written = rows.filter((row) => row.tenant_id === tenant).map((row) => row.code);
      expect(seen.filter(({ event }) => event.tenantId === tenant).map(({ event }) => event.data.code)).toEqual(
        written,
      );
    }
  });

  test('tell a reader who was away for longer than events are kept', async () => {
    const { db } = database;
    expect(await pruneHostEvents(db, { before: new Date(Date.now() + 60_000), sending: true })).toBeGreaterThan(0);
    await db.transaction().execute((trx) => append(trx, 'fresh', 'kept'));
    await sequenceEvents(db, { sending: true, now: new Date() });
    await expect(readFeed(db, 1, 10, {})).rejects.toMatchObject({ code: 'events_gone' });
    expect((await readFeed(db, null, 10, {})).items.map(({ event }) => event.tenantId)).toEqual(['fresh']);
    // It waits to be sent: its age is no reason to drop it.
    expect(await pruneHostEvents(db, { before: new Date(Date.now() + 60_000), sending: true })).toBe(0);
  });

  test('never skip what is deleted while they are read', async () => {
    const { db } = database;
    await db.transaction().execute(async (trx) => {
      for (let n = 0; n < 10; n++) await append(trx, 'deleted', `${n}`);
    });
    await sequenceEvents(db, { sending: false, now: new Date() });
    const end = await feedEnd(db);
    const deleting = afterEachStatement(db, () =>
      pruneHostEvents(db, { before: new Date(Date.now() + 60_000), sending: true }),
    );
    // Either all ten, or the word that some are missing.
    const read = await readFeed(deleting, end - 10, 100, {}).catch((error: unknown) => error);
    if (read instanceof ProblemError) expect(read.code).toBe('events_gone');
    else
      expect((read as FeedPage).items.map(({ position }) => position - end)).toEqual([
        -9, -8, -7, -6, -5, -4, -3, -2, -1, 0,
      ]);
    await expect(readFeed(db, end - 10, 100, {})).rejects.toMatchObject({ code: 'events_gone' });
    expect((await readFeed(db, end, 100, {})).through).toBe(end);
  });
});

describe('a place at the beginning of an empty feed', () => {
  let running: TestService;
  beforeAll(async () => void (running = await startTestService()));
  afterAll(() => running.stop());

  test('is lost like any other when what followed it is deleted', async () => {
    const {
      database: { db },
    } = running;
    const { nextCursor } = (await running.api('GET', '/v1/events')).body;
    await db.transaction().execute((trx) =>
      appendHostEvent(trx, {
        type: 'connection.warning',
        at: new Date(),
        tenantId: 'acme',
        lanes: ['a'],
        data: { code: 'gap_found', message: '', details: {} },
      }),
    );
    await waitFor(async () => (await running.api('GET', `/v1/events?after=${nextCursor}`)).body.items.length === 1);
    expect(await pruneHostEvents(db, { before: new Date(Date.now() + 60_000), sending: false })).toBe(1);
    expect(await running.api('GET', `/v1/events?after=${nextCursor}`)).toMatchObject({
      status: 410,
      body: { code: 'events_gone' },
    });
    expect((await running.api('GET', '/v1/events')).body.items).toEqual([]);
  });
});
