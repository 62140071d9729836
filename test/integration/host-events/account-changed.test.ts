import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTenant, connectionPath } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

/** A host's copy of one tenant's meetings, kept as docs/host-events.md says: by events, and by the list where they say so. */
class HostCopy {
  readonly meetings = new Map<string, any>();
  readonly changes: any[] = [];
  #account: string | null = null;
  #cursor: string | null = null;
  #running: TestService;
  #tenantId: string;

  constructor(running: TestService, tenantId: string) {
    this.#running = running;
    this.#tenantId = tenantId;
  }

  /** Takes in all events that there are by now. */
  async follow(): Promise<void> {
    for (let more = true; more;) {
      const after = this.#cursor === null ? '' : `&after=${this.#cursor}`;
      const { body } = await this.#running.api('GET', `/v1/events?tenantId=${this.#tenantId}&limit=2${after}`);
      for (const event of body.items) await this.#take(event);
      this.#cursor = body.nextCursor;
      more = body.hasMore;
    }
  }

  async #take({ type, data }: any): Promise<void> {
    if (type === 'connection.account_changed') {
      this.changes.push(data);
      this.#account = data.account.uri;
      this.meetings.clear();
      for (const meeting of await this.list()) this.meetings.set(meeting.id, meeting);
    }
    if (!type.startsWith('meeting.') || (this.#account !== null && data.accountUri !== this.#account)) return;
    const { changeSource: _, accountUri: _a, previous, ...meeting } = data;
    this.meetings.set(meeting.id, meeting);
    if (type === 'meeting.rescheduled') this.meetings.set(previous.id, previous);
  }

  async list(): Promise<any[]> {
    return (await this.#running.api('GET', `/v1/tenants/${this.#tenantId}/meetings?limit=100`)).body.items;
  }

  names(): string[] {
    return [...this.meetings.values()].map(({ name, status }) => `${name} ${status}`).sort();
  }
}

describe('another account of the same tenant', () => {
  let running: TestService;
  beforeAll(async () => {
    running = await startTestService();
    for (const slug of ['anna', 'bert']) running.sandbox.controls.accounts.add({ slug, name: slug });
  });
  afterAll(() => running.stop());
  const book = (account: string, name: string) =>
    running.sandbox.controls.book({ account, name, email: `${name.replaceAll(' ', '-')}@guest.example` });
  const shown = (host: HostCopy, ...names: string[]) =>
    waitFor(
      async () => {
        await host.follow();
        return (
          JSON.stringify(host.names()) === JSON.stringify(names) &&
          JSON.stringify(host.names()) ===
            JSON.stringify((await host.list()).map(({ name, status }) => `${name} ${status}`).sort())
        );
      },
      { describe: `${names.join(', ')} at the host and in the list`, timeoutMs: 15_000 },
    );
  const backfilled = (tenantId: string) =>
    waitFor(
      async () => {
        const rows = await running.database.db
          .selectFrom('backfill')
          .select('finished_at')
          .where('tenant_id', '=', tenantId)
          .execute();
        return rows.length > 0 && rows.every(({ finished_at: finishedAt }) => finishedAt !== null);
      },
      { describe: 'every back-fill done', timeoutMs: 15_000 },
    );

  test('is told, so that a host knows whose meetings go and whose come back: from one to another, and back', async () => {
    const host = new HostCopy(running, 'acme');
    const first = await connectTenant(running, 'acme', 'anna');
    book('anna', 'Ada');
    const off = book('anna', 'Alf');
    book('bert', 'Bea');
    await shown(host, 'Ada active', 'Alf active');
    await backfilled('acme');
    expect(host.changes).toEqual([]);

    const second = await connectTenant(running, 'acme', 'bert', { switchAccount: true });
    await shown(host, 'Bea active');
    expect(host.changes).toEqual([
      {
        account: { uri: second.account.uri, organization: second.account.organization },
        previousAccount: { uri: first.account.uri },
        meetingsHidden: 2,
        meetingsShown: 0,
        version: expect.any(Number),
      },
    ]);
    expect(host.changes[0].version).toBeLessThanOrEqual(second.version);

    // Meanwhile, and heard of by nobody.
    running.sandbox.controls.cancel({ invitee: off.inviteeUri });
    await backfilled('acme');
    await connectTenant(running, 'acme', 'anna', { switchAccount: true });
    await shown(host, 'Ada active', 'Alf canceled');
    expect(host.changes).toHaveLength(2);
    expect(host.changes[1]).toMatchObject({
      account: { uri: first.account.uri },
      previousAccount: { uri: second.account.uri },
      meetingsHidden: 1,
      meetingsShown: 2,
    });
  });

  test('is told after a disconnect too, and the same account is not', async () => {
    const host = new HostCopy(running, 'zenith');
    const first = await connectTenant(running, 'zenith', 'anna');
    await shown(host, 'Ada active', 'Alf canceled');
    await running.api('DELETE', connectionPath('zenith'));
    await connectTenant(running, 'zenith', 'anna');
    await shown(host, 'Ada active', 'Alf canceled');
    expect(host.changes).toEqual([]);
    await backfilled('zenith');

    await running.api('DELETE', connectionPath('zenith'));
    await host.follow();
    expect(host.changes).toEqual([]);
    const second = await connectTenant(running, 'zenith', 'bert');
    await shown(host, 'Bea active');
    expect(host.changes).toMatchObject([
      {
        account: { uri: second.account.uri },
        previousAccount: { uri: first.account.uri },
        meetingsHidden: 2,
        meetingsShown: 0,
      },
    ]);
  });

  test('is told to hosts that ask for this type alone, and listed for people', async () => {
    const { body } = await running.api('GET', '/v1/events?types=connection.account_changed');
    expect(body.items.map(({ tenantId }: any) => tenantId)).toEqual(['acme', 'acme', 'zenith']);
  });
});
