import type { SandboxMeeting } from '../../../src/sandbox/index.ts';
import { api, connect, receiverForTest, sandboxForTest, subscription, type Tokens } from './sandbox-for-test.ts';

/** One delivery as it was sent, or one page of invitees as the API answered it, in the order in which they came. */
export type Recorded =
  | { kind: 'delivery'; raw: Buffer; at: Date }
  | { kind: 'page'; event: unknown; invitees: unknown[]; at: Date };

export interface Recording {
  accountUri: string;
  steps: Recorded[];
  /** What Calendly has in the end. */
  truth: SandboxMeeting[];
}

const EVENTS = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'];
/** So small that events and invitees come in several pages. */
const PAGE = 2;

/**
 * A busy time of one account at the sandbox, as a receiver and a reader of the API see it: group events with several invitees,
 * reschedules (out of a group, and of what was rescheduled before), no-shows marked and taken back, cancellations by both
 * sides. Between the changes all pages are read; the last of them after the last change.
 */
export async function recordCalendly(): Promise<Recording> {
  const sandbox = await sandboxForTest({ switches: { locationReadySeconds: 30 } });
  const receiver = await receiverForTest();
  const { controls } = sandbox;
  const tokens = await connect(sandbox.url, 'alice');
  await api(
    sandbox.url,
    tokens,
    'POST',
    '/webhook_subscriptions',
    subscription(tokens, receiver.url, { events: EVENTS }),
  );
  const steps: Recorded[] = [];
  let taken = 0;
  // What was sent up to now, then two minutes later what the API shows.
  const look = async () => {
    await controls.deliveries.idle();
    for (const { raw } of receiver.received.slice(taken))
      steps.push({ kind: 'delivery', raw, at: controls.clock.now() });
    taken = receiver.received.length;
    controls.clock.advance(120);
    steps.push(...(await readPages(sandbox.url, tokens, controls.clock.now())));
    controls.clock.advance(120);
  };
  const book = (name: string, more: object = {}) =>
    controls.book({ account: 'alice', name, email: `${name.toLowerCase()}@guest.example`, ...more });

  const first = book('Ada', { inviteesLimit: 5, eventName: 'Workshop' });
  const second = book('Bo', { group: first.eventUri });
  const third = book('Cy', { group: first.eventUri });
  const other = book('Di', { inviteesLimit: 3, location: { type: 'physical', location: 'Room 1' } });
  book('Ed', { group: other.eventUri });
  const alone = book('Flo');
  await look();
  controls.reschedule({ invitee: second.inviteeUri, by: 'invitee' });
  controls.markNoShow(third.inviteeUri);
  const moved = controls.reschedule({ invitee: alone.inviteeUri, by: 'host' });
  await look();
  controls.unmarkNoShow(third.inviteeUri);
  controls.cancel({ invitee: first.inviteeUri });
  controls.reschedule({ invitee: moved.inviteeUri });
  controls.markNoShow(book('Gil', { group: first.eventUri }).inviteeUri);
  controls.updateLocation(first.eventUri, { type: 'physical', location: 'Room 2' });
  await look();
  controls.cancel({ event: other.eventUri, by: 'host', reason: 'Ill' });
  controls.markNoShow(third.inviteeUri);
  await look();
  return { accountUri: tokens.owner, steps, truth: controls.meetings('alice') };
}

type Page = { collection: unknown[]; pagination: { next_page_token: string | null } };

async function readPages(url: string, tokens: Tokens, at: Date): Promise<Recorded[]> {
  const pages: Recorded[] = [];
  for (const event of (
    await allPages(url, tokens, `/scheduled_events?user=${encodeURIComponent(tokens.owner)}`)
  ).flat()) {
    const { pathname } = new URL((event as { uri: string }).uri);
    for (const invitees of await allPages(url, tokens, `${pathname}/invitees?`))
      pages.push({ kind: 'page', event, invitees, at });
  }
  return pages;
}

async function allPages(url: string, tokens: Tokens, path: string): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  for (let token: string | null = ''; token !== null;) {
    const { body }: { body: Page } = await api(
      url,
      tokens,
      'GET',
      `${path}&count=${PAGE}${token ? `&page_token=${token}` : ''}`,
    );
    pages.push(body.collection);
    token = body.pagination.next_page_token;
  }
  return pages;
}
