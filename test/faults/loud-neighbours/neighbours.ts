import type { Receiver } from '../../support/service/start-receiver.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import type { TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { connectionOf, connectInWorld, consent } from '../journeys.ts';

/** More than the workers that upkeep has. */
const CROWD = 24;
const INVITEES = 1_000;
/** Two calls of Calendly's that hang, say, are taken up within this time, or all workers are taken. */
const TAKEN_UP_MS = 1_000;
const answerSoon = { headers: { prefer: 'respond-async' } };

/** Tenants that do what a neighbour may do at its worst, each by its name; and again, as often as one likes. */
export interface Neighbours {
  tenants: string[];
  noises: Record<Noise, () => Promise<unknown>>;
  /** Comes back when whatever they asked for has its answer. */
  calmDown(): Promise<unknown>;
}

export const NOISES = [
  'calls hang',
  'a group is called off',
  'the host hangs',
  'an event is poisoned',
  'a credential is unreadable',
  'a newer release',
] as const;
export type Noise = (typeof NOISES)[number];

export async function moveIn(world: TestWorld, receiver: Receiver): Promise<Neighbours> {
  const {
    sandbox: { controls },
    database,
  } = world;
  const book = (account: string, more: object = {}) =>
    controls.book({ account, name: 'Gina Guest', email: 'gina@guest.example', ...more });
  const settle = async (tenant: string): Promise<string> => {
    controls.accounts.add({ slug: tenant, name: tenant });
    await connectInWorld(world, tenant, tenant);
    return tenant;
  };
  const crowd: string[] = [];
  for (let at = 0; at < CROWD; at++) crowd.push(await settle(`crowd-${at}`));
  const [group, poisoned, unreadable, newer, talkative] = [
    await settle('group'),
    await settle('poisoned'),
    await settle('unreadable'),
    await settle('newer'),
    await settle('talkative'),
  ];

  controls.deliveries.pause();
  const { eventUri } = book(group, { eventName: 'Town hall', inviteesLimit: INVITEES });
  for (let at = 1; at < INVITEES; at++) book(group, { group: eventUri });
  await controls.deliveries.resume();
  let calledOff = false;
  const asked: Promise<unknown>[] = [];

  const uuidOf = (uri: string): string => uri.split('/').at(-1)!;
  const poison = uuidOf(book(poisoned).eventUri);
  await database.db.updateTable('credential').set({ key_id: 'gone' }).where('tenant_id', '=', unreadable).execute();
  await database.db.updateTable('connection').set({ machine_version: 999 }).where('tenant_id', '=', newer).execute();
  receiver.answerWith((event) => (event.tenantId === talkative ? 'hang' : 204));

  const isDue = (tenant: string, timer: string) => makeTimerDue(database, tenant, timer).catch(() => undefined);
  const hanging = () => controls.calls().filter(({ fault, status }) => fault !== null && status === null).length;
  return {
    calmDown: () => Promise.all(asked),
    tenants: [...crowd, group, poisoned, unreadable, newer, talkative],
    noises: {
      async 'calls hang'() {
        const before = hanging();
        controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'hang', times: CROWD });
        controls.faults.add({ method: 'GET', path: '/users/me', kind: 'hang', times: CROWD });
        for (const tenant of crowd) await Promise.all([isDue(tenant, 'refresh'), isDue(tenant, 'watch')]);
        const end = performance.now() + TAKEN_UP_MS;
        await waitFor(() => hanging() >= before + CROWD || performance.now() > end, { describe: 'calls to hang' });
        // Who comes next is somebody else: for him Calendly is well.
        controls.faults.clear();
      },
      async 'a group is called off'() {
        if (calledOff) return controls.deliveries.retryNow();
        calledOff = true;
        controls.cancel({ event: eventUri, by: 'host', reason: 'Rain' });
      },
      async 'the host hangs'() {
        for (let at = 0; at < 20; at++) book(talkative);
      },
      async 'an event is poisoned'() {
        controls.faults.add({ path: `/scheduled_events/${poison}*`, kind: 'respond', status: 500, times: 'forever' });
        await world.api('DELETE', connectionOf(poisoned), answerSoon);
        asked.push(consent(world, poisoned, poisoned).catch(() => undefined));
      },
      async 'a credential is unreadable'() {
        await Promise.all(['refresh', 'watch', 'recheck'].map((timer) => isDue(unreadable, timer)));
        await world.api('POST', `${connectionOf(unreadable)}/retry`, answerSoon);
      },
      async 'a newer release'() {
        await Promise.all(['refresh', 'watch'].map((timer) => isDue(newer, timer)));
        await world.api('POST', `${connectionOf(newer)}/refresh`, answerSoon);
      },
    },
  };
}
