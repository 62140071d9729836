import type { Note } from '../run-scenario.ts';
import { until } from '../until.ts';
import type { Surroundings } from '../surroundings/surroundings.ts';

/** Consents once, finds one webhook, and sees a booked meeting. Returns the seconds from booking to visible. */
export async function firstConnection(world: Surroundings, note: Note): Promise<number> {
  const { host } = world;
  const { authorizeUrl } = await host.connect();
  note('consent is asked for', authorizeUrl !== null, authorizeUrl === null ? 'no' : '1 redirect');
  if (authorizeUrl === null) throw new Error('The tenant was connected before.');
  const consentedAt = await world.giveConsent(authorizeUrl, 'first');
  const connection = await until('The tenant is connected', world.patienceSeconds, async () => {
    const now = await host.connection();
    return now.state === 'connected' && now;
  });
  note(
    'connected',
    true,
    `as ${connection.account?.email ?? connection.account?.uri}, ${((performance.now() - consentedAt) / 1000).toFixed(2)} s after consent`,
  );
  note('meetings come by webhook', connection.delivery === 'webhooks', String(connection.delivery));
  const { count, how } = await world.webhooks('first');
  note('one webhook is created', count === 1, `${count} (${how})`);
  const { seconds, meeting } = await world.book('first');
  note('a booked meeting is visible', true, `${meeting.name}, ${seconds.toFixed(2)} s after booking`);
  return seconds;
}
