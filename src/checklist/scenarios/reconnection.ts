import type { Note } from '../run-scenario.ts';
import type { Surroundings } from '../surroundings/surroundings.ts';

export interface ReconnectFigures {
  rounds: number;
  redirects: number;
  webhooks: number;
  /** Requests to Calendly in all rounds, by method and path. */
  calls: Map<string, number>;
  seconds: number;
}

/** Connects the same account again and again: no consent page is needed, and there is still one webhook. */
export async function reconnection(
  world: Surroundings,
  note: Note,
  rounds: number,
  say: (text: string) => void,
): Promise<ReconnectFigures> {
  const { host } = world;
  const startedAt = new Date().toISOString();
  let redirects = 0;
  let connected = 0;
  for (let round = 0; round < rounds; round++) {
    // With the real Calendly this takes a while, and a person wants to see that it goes on.
    if (round > 0 && round % 5 === 0) say(`  ${round} of ${rounds} reconnects\n`);
    const { authorizeUrl, connection } = await host.connect();
    if (authorizeUrl !== null) redirects += 1;
    if (connection.state === 'connected') connected += 1;
  }
  note('nobody is sent to the consent page', redirects === 0, `${redirects} redirects in ${rounds} reconnects`);
  note('connected after each of them', connected === rounds, `${connected} of ${rounds}`);
  const calls = new Map<string, number>();
  for (const { method, path } of await host.exchangesSince(startedAt)) {
    const call = `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')}`;
    calls.set(call, (calls.get(call) ?? 0) + 1);
  }
  const { count: webhooks, how } = await world.webhooks('first');
  note('still one webhook', webhooks === 1, `${webhooks} (${how})`);
  const { seconds, meeting } = await world.book('first');
  note('a booked meeting is visible', true, `${meeting.name}, ${seconds.toFixed(2)} s after booking`);
  return { rounds, redirects, webhooks, calls, seconds };
}
