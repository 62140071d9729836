import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';

describe('another account, told by post', () => {
  let running: TestService;
  let receiver: Receiver;
  let ahead = 0;
  let tenants = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
    running = await startTestService({ env: receiver.env, now: () => new Date(Date.now() + ahead) });
  });
  afterEach(() => receiver.answerWith(() => 204));
  afterAll(async () => {
    receiver.letGo();
    await running.stop();
    await receiver.close();
  });

  const meetings = async (tenantId: string): Promise<any[]> =>
    (await running.api('GET', `/v1/tenants/${tenantId}/meetings?limit=100`)).body.items;

  /** A host that does what docs/host-events.md says, with every event in the order in which it took them. */
  function host(tenantId: string) {
    const copy = new Map<string, any>();
    let account: string | null = null;
    let place = 0;
    const store = ({ changeSource: _c, previous: _p, accountUri: _a, ...meeting }: any) =>
      copy.set(meeting.id, meeting);
    const follow = async () => {
      const taken = receiver.taken((event) => event.tenantId === tenantId);
      for (; place < taken.length; place++) {
        const { type, data } = taken[place]!;
        if (type === 'connection.account_changed') {
          account = data.account.uri;
          copy.clear();
          for (const meeting of await meetings(tenantId)) store(meeting);
          // Before the first change every meeting counts: it can be told before the connection's own events, which have another lane.
        } else if (type.startsWith('meeting.') && (account ?? data.accountUri) === data.accountUri) store(data);
      }
    };
    const compared = (all: Iterable<any>) =>
      [...all]
        .map(({ receivedAt: _r, source: _s, updatedAt: _u, ...meeting }) => meeting)
        .sort((one, other) => one.id.localeCompare(other.id));
    return async (...names: string[]) =>
      waitFor(
        async () => {
          await follow();
          const shown = await meetings(tenantId);
          if (shown.length !== names.length || copy.size !== names.length) return undefined;
          expect(compared(copy.values())).toEqual(compared(shown));
          expect([...copy.values()].map(({ name }) => name).sort()).toEqual(names.sort());
          return true;
        },
        { describe: `a copy with ${names.join(', ')}`, timeoutMs: 10_000 },
      );
  }
  function setUp() {
    const tenantId = `switching-${tenants++}`;
    const [one, two] = ['one', 'two'].map((suffix) => {
      const slug = `${tenantId}-${suffix}`;
      return { slug, uri: running.sandbox.controls.accounts.add({ slug, name: slug }).uri };
    }) as [{ slug: string; uri: string }, { slug: string; uri: string }];
    const book = (account: { slug: string }, name: string) =>
      running.sandbox.controls.book({ account: account.slug, name, email: 'guest@guest.example' });
    const changes = () =>
      receiver
        .taken((event) => event.tenantId === tenantId && event.type === 'connection.account_changed')
        .map(({ data }) => data);
    return { tenantId, one, two, book, changes, holds: host(tenantId) };
  }

  test('comes and goes again, and a copy is right though an event of the former one is taken late', async () => {
    const { tenantId, one, two, book, changes, holds } = setUp();
    await connectTenant(running, tenantId, one.slug);
    book(one, 'Ann');
    await holds('Ann');

    // An event of the first account that comes late, when the second one is there.
    receiver.answerWith((event) => (event.data.name === 'Late' ? 500 : 204));
    book(one, 'Late');
    await waitFor(() => receiver.received.some(({ event, status }) => event.data.name === 'Late' && status === 500));
    expect(changes()).toEqual([]);
    await connectTenant(running, tenantId, two.slug, { switchAccount: true });
    await waitFor(() => changes().length === 1, { describe: 'the first change' });
    expect(changes()[0]).toEqual({
      account: { uri: two.uri, organization: expect.stringContaining('/organizations/') },
      previousAccount: { uri: one.uri },
      meetingsHidden: 2,
      meetingsShown: 0,
      version: expect.any(Number),
    });
    book(two, 'Ben');
    await holds('Ben');
    receiver.answerWith(() => 204);
    ahead += 60_000;
    await waitFor(() => receiver.taken((event) => event.data.name === 'Late').length === 1);
    await holds('Ben');

    await connectTenant(running, tenantId, one.slug, { switchAccount: true });
    await waitFor(() => changes().length === 2, { describe: 'the way back' });
    expect(changes()[1]).toMatchObject({
      account: { uri: one.uri },
      previousAccount: { uri: two.uri },
      meetingsHidden: 1,
      meetingsShown: 2,
    });
    await holds('Ann', 'Late');
    book(one, 'Cem');
    await holds('Ann', 'Late', 'Cem');
  });

  test('is told once it is accepted, and not while it waits for a person, nor when that one declines', async () => {
    const { tenantId, one, two, changes } = setUp();
    const view = async () => (await running.api('GET', connectionPath(tenantId))).body;
    const consentByTheOther = async () => {
      const { body } = await running.api('POST', `${connectionPath(tenantId)}/connect`);
      await giveConsent(body.authorizeUrl, two.slug);
      expect((await view()).substate).toBe('confirmingAccount');
    };
    const recorded = async () =>
      (await running.api('GET', `/v1/events/outgoing?tenantId=${tenantId}&limit=100`)).body.items.filter(
        ({ event }: any) => event.type === 'connection.account_changed',
      );
    const confirm = (accept: boolean) =>
      running.api('POST', `${connectionPath(tenantId)}/confirm-account`, { body: { accept, accountUri: two.uri } });
    await connectTenant(running, tenantId, one.slug);
    running.sandbox.controls.accounts.revokeLogin(one.slug);
    await running.api('POST', `${connectionPath(tenantId)}/refresh`);
    await waitFor(async () => (await view()).substate === 'needsReauthorization', { describe: 'the lost grant' });

    await consentByTheOther();
    expect(await recorded()).toEqual([]);
    expect((await confirm(false)).status).toBe(200);
    expect(await recorded()).toEqual([]);
    await consentByTheOther();
    expect((await confirm(true)).status).toBe(200);
    expect(await recorded()).toHaveLength(1);
    await waitFor(() => changes().length === 1, { describe: 'the change' });
    expect(changes()[0]).toMatchObject({ account: { uri: two.uri }, previousAccount: { uri: one.uri } });
  });
});
