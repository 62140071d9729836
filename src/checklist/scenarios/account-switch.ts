import type { Note } from '../run-scenario.ts';
import { NotInTimeError, until } from '../until.ts';
import type { Counted, Surroundings } from '../surroundings/surroundings.ts';

/**
 * Connects another account: the webhook of the first one is deleted, and only meetings of the second one are shown. Returns the seconds
 * from booking to visible.
 */
export async function accountSwitch(world: Surroundings, note: Note): Promise<number> {
  const { host } = world;
  const before = await host.connection();
  const earlier = new Set((await host.meetings()).map(({ inviteeUri }) => inviteeUri));
  const { authorizeUrl } = await host.connect({ switchAccount: true });
  note('consent is asked for', authorizeUrl !== null, authorizeUrl === null ? 'no' : '1 redirect');
  if (authorizeUrl === null) throw new Error('A switch has to ask for consent.');
  await world.giveConsent(authorizeUrl, 'second');
  const after = await until('The tenant is connected again', world.patienceSeconds, async () => {
    const now = await host.connection();
    return now.state === 'connected' && now;
  });
  const isAnother = after.account?.uri !== before.account?.uri;
  note(
    'another account is connected',
    isAnother,
    `${after.account?.email ?? after.account?.uri}${isAnother ? '' : ': the same one came back; a private window helps'}`,
  );
  if (!isAnother) throw new Error('The same account was chosen again.');

  const gone = await goneInTime(world, () => world.webhooks('first'));
  note('the first account’s webhook is gone', gone.count === 0, `${gone.count} (${gone.how})`);
  const { count, how } = await world.webhooks('second');
  note('the second account has one webhook', count === 1, `${count} (${how})`);
  const { seconds, meeting } = await world.book('second');
  note('a meeting of the second is visible', true, `${meeting.name}, ${seconds.toFixed(2)} s after booking`);
  const left = (await host.meetings()).filter(({ inviteeUri }) => earlier.has(inviteeUri)).length;
  note('none of the first is shown', left === 0, `${left} of ${earlier.size}`);
  return seconds;
}

/** Waits until the count is 0. Returns the last count if that does not happen in time. */
export async function goneInTime(world: Surroundings, count: () => Promise<Counted>): Promise<Counted> {
  let last = await count();
  await until('It is gone', world.patienceSeconds, async () => (last = await count()).count === 0 && last).catch(
    (error: unknown) => {
      if (!(error instanceof NotInTimeError)) throw error;
    },
  );
  return last;
}
