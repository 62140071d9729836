import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWithMeeting } from '../../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../../support/service/inspected-service.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';

let receiver: Receiver;
let running: InspectedService;
let inspector: OpenInspector;
beforeAll(async () => {
  receiver = await startReceiver();
  running = await startInspected({ env: receiver.env });
  inspector = await openInspector(running.url, 'Nora <Night>');
});
afterAll(async () => {
  await running?.stop();
  await receiver?.close();
});

const page = async (path: string) => (await inspector.get(path)).text();
/** As it is read: without markup, on one line. */
const text = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.:)])/g, '$1');
const section = (markup: string, id: string) =>
  text(new RegExp(`<section id="${id}">.*?</section>`, 's').exec(markup)![0]);
const row = (markup: string, tenantId: string) =>
  text(new RegExp(`<tr id="t-${tenantId}">.*?</tr>`, 's').exec(markup)![0]);
const subscriptionOf = async (tenantId: string) =>
  (await running.api('GET', `/v1/tenants/${tenantId}/connection`)).body.subscription.uri as string;
const event = async (tenantId: string, type: string) => {
  const { items } = (await running.api('GET', `/v1/events/outgoing?tenantId=${tenantId}&limit=100`)).body;
  return (items as { event: { id: string; type: string }; status: string }[]).find((item) => item.event.type === type);
};
/** As if the host had refused it for three days. */
const park = (id: string) =>
  running.database.db
    .updateTable('host_event')
    .set({
      status: 'parked',
      parked_at: new Date(),
      attempts: 40,
      last_error: JSON.stringify({ code: '<b>refused</b>', status: 500, at: new Date().toISOString() }),
    })
    .where('id', '=', id)
    .execute();

describe('warnings', () => {
  test('a disabled webhook is a warning, and what it missed is counted per run and marked in the meetings', async () => {
    const account = await connectWithMeeting(running.stage, 'deaf');
    const former = await subscriptionOf('deaf');
    // What the first back-fill of an account still finds is no miss.
    await waitFor(async () => /Run 1 [^:]*: finished/.test(section(await page('/tenants/deaf'), 'backfills')), {
      describe: 'the first back-fill',
    });
    running.sandbox.controls.disableSubscription(former);
    running.sandbox.controls.book({ account, name: 'Missed <Guest>', email: 'missed@guest.example' });
    await makeTimerDue(running.database, 'deaf', 'watch');
    const shown = await waitFor(
      async () => {
        const markup = await page('/tenants/deaf');
        return /Run 2 [^:]*: finished/.test(section(markup, 'backfills')) ? markup : undefined;
      },
      { describe: 'a recovered miss on the page', timeoutMs: 15_000 },
    );
    expect(section(shown, 'warnings')).toContain('subscription_disabled');
    expect(section(shown, 'backfills')).toMatch(
      /Run 2 after a new webhook: finished .* 1 event, 1 meeting, 1 recovered miss/,
    );
    expect(section(shown, 'backfills')).toContain('Run 1 the first one of the account: finished');
    expect(section(shown, 'hearing')).toMatch(/Webhook\..*every 60 min.*Last look \d{4}-.*Next look in \d+/);
    const head = text(/<div id="tenant-head".*?<nav/s.exec(shown)![0]);
    expect(head).toContain('1 warning');
    expect(row(await page(''), 'deaf')).toContain('1 warning');
    const meetings = await page('/tenants/deaf/meetings');
    expect(text(meetings)).toMatch(/Missed &lt;Guest&gt;.*a back-fill recovered miss/);
  });

  test('the newest warning comes first, and one of two days ago is no badge', async () => {
    await connectWithMeeting(running.stage, 'warned');
    const { db } = running.database;
    const warn = (code: string, at: Date) => {
      const id = crypto.randomUUID();
      const data = { code, message: `<i>${code}</i>`, details: { since: '<u>then</u>' } };
      return db
        .insertInto('host_event')
        .values({
          id,
          tenant_id: 'warned',
          type: 'connection.warning',
          lanes: ['connection:warned'],
          recorded_at: at,
          body: JSON.stringify({
            id,
            type: 'connection.warning',
            timestamp: at.toISOString(),
            tenantId: 'warned',
            data,
          }),
        })
        .execute();
    };
    await warn('older', new Date(Date.now() - 49 * 3_600_000));
    expect(row(await page(''), 'warned')).not.toContain('warning');
    await warn('newer', new Date());
    const markup = await page('/tenants/warned');
    expect(section(markup, 'warnings')).toMatch(/newer.*older/);
    expect(markup).not.toMatch(/<[iu]>/);
    expect(row(await page(''), 'warned')).toContain('1 warning');
  });
});

describe('polling, retries and back-fills', () => {
  test('a plan without webhooks is polling, with the time of the next poll and of the next question to the plan', async () => {
    await connectWithMeeting(running.stage, 'frugal', { plan: 'free' });
    const shown = await page('/tenants/frugal');
    expect(section(shown, 'hearing')).toMatch(/Polling\..*every 15 min.*Fetched next in \d+ min.*Plan asked again in/);
    expect(section(shown, 'warnings')).toContain('plan_without_webhooks');
  });

  test('a webhook that Calendly retries is an early warning', async () => {
    await connectWithMeeting(running.stage, 'slow');
    await running.database.db
      .updateTable('subscription')
      .set({ retry_started_at: new Date('2026-05-01T10:00:00Z'), slow_deliveries: 3, slow_since: new Date() })
      .where('tenant_id', '=', 'slow')
      .execute();
    expect(section(await page('/tenants/slow'), 'hearing')).toMatch(
      /Early warning Calendly has been failing to deliver since 2026-05-01 10:00:00 UTC.*Answered slowly 3 since/,
    );
  });

  test('a back-fill that stands still says until when, and what it has so far', async () => {
    await connectWithMeeting(running.stage, 'patient');
    const { db } = running.database;
    await waitFor(async () => section(await page('/tenants/patient'), 'backfills').includes('finished'), {
      describe: 'the first back-fill',
    });
    await db
      .updateTable('backfill')
      .set({ finished_at: null, events: 7, meetings: 9, position: '2026-06-01T09:00:00Z' })
      .where('tenant_id', '=', 'patient')
      .execute();
    expect(section(await page('/tenants/patient'), 'backfills')).toMatch(
      /under way, last step .* 7 events, 9 meetings .* done up to 2026-06-01 09:00:00/,
    );
    const [id, job] = [crypto.randomUUID(), crypto.randomUUID()];
    await sql`insert into pgboss.job (id, name, data, start_after) values (${job}, 'backfills', ${{ effectId: id }}, now() + interval '1 hour')`.execute(
      db,
    );
    await db
      .insertInto('effect')
      .values({
        id,
        tenant_id: 'patient',
        type: 'backfillMeetings',
        params: JSON.stringify({ grantId: id, run: 1, reason: 'first' }),
        version: 1,
        job_id: job,
        created_at: new Date(),
      })
      .execute();
    expect(section(await page('/tenants/patient'), 'backfills')).toMatch(
      /paused for more urgent calls, goes on in (59 min|1 h)/,
    );
  });
});

describe('events to the host', () => {
  test('what waits and what is parked is counted, listed and sent again, asked once', async () => {
    const account = await connectWithMeeting(running.stage, 'talker');
    running.sandbox.controls.book({ account, name: '<img src=x>', email: 'x@guest.example' });
    const sent = await waitFor(
      async () => {
        const found = await event('talker', 'meeting.created');
        return found?.status === 'sent' ? found : undefined;
      },
      { describe: 'the event to be sent' },
    );
    const { id } = sent.event;
    await park(id);

    expect(section(await page('/tenants/talker'), 'told')).toContain('1 parked');
    expect(text(await page(''))).toMatch(/Events to the host: \d+ waiting, 1 parked/);
    for (const path of ['/events?status=parked', '/tenants/talker/events?status=parked']) {
      const list = await page(path);
      expect(text(list)).toMatch(/meeting\.created &lt;img src=x&gt;.*parked .* 40 tries last answered 500/);
      expect(list).not.toContain('<img');
    }
    const at = `/tenants/talker/events/${id}/resend`;
    const question = await page(at);
    expect(question).toContain('Send this event again?');
    expect((await event('talker', 'meeting.created'))!.status).toBe('parked');

    const before = receiver.taken((each) => each.id === id).length;
    expect((await inspector.post(at, { formToken: 'guessed' })).status).toBe(403);
    expect((await inspector.post(`/tenants/deaf/events/${id}/resend`)).status).toBe(404);
    expect((await event('talker', 'meeting.created'))!.status).toBe('parked');
    expect((await inspector.post(at)).status).toBe(303);
    await waitFor(() => receiver.taken((each) => each.id === id).length > before, { describe: 'the event again' });
    const history = (await running.api('GET', '/v1/tenants/talker/history')).body.items as {
      note: string | null;
      cause: object;
    }[];
    expect(history.find((each) => each.note?.includes(id))?.cause).toMatchObject({
      kind: 'operator',
      name: 'Nora <Night>',
    });
  });

  test('a half that is kept back is shown with what it waits for', async () => {
    await running.database.db
      .insertInto('host_event_half')
      .values({
        meeting_id: crypto.randomUUID(),
        partner_id: crypto.randomUUID(),
        tenant_id: 'talker',
        type: 'meeting.canceled',
        data: JSON.stringify({}),
        held_at: new Date(Date.now() + 3_600_000),
      })
      .execute();
    expect(text(await page('/tenants/talker/events'))).toContain(
      'Held back for the other half of a reschedule: meeting.canceled since',
    );
    expect(section(await page('/tenants/talker'), 'told')).toContain('1 held back');
    await running.database.db.deleteFrom('host_event_half').where('tenant_id', '=', 'talker').execute();
  });

  test('where nothing is sent, nothing can be sent again', async () => {
    const puller = await startInspected();
    try {
      await connectWithMeeting(puller.stage, 'quiet');
      const { items } = (await puller.api('GET', '/v1/events/outgoing?tenantId=quiet')).body;
      const reader = await openInspector(puller.url);
      const at = `/tenants/quiet/events/${items[0].event.id}/resend`;
      expect(await (await reader.get(at)).text()).toMatch(/<button class="yes" disabled>/);
      expect(await (await reader.get('/events')).text()).toContain('EVENTS_URL is not set');
      expect((await reader.post(at)).status).toBe(409);
    } finally {
      await puller.stop();
    }
  });
});
