import type { Note } from '../run-scenario.ts';
import type { Who, Surroundings } from '../surroundings/surroundings.ts';
import { goneInTime } from './account-switch.ts';

/** Disconnects: the state changes at once; then the webhook is deleted, and the tokens are revoked and wiped. */
export async function disconnection(world: Surroundings, note: Note, who: Who): Promise<void> {
  const { host } = world;
  const started = performance.now();
  const { connection, debts } = await host.disconnect();
  note(
    'disconnected',
    connection.state === 'disconnected',
    `in ${((performance.now() - started) / 1000).toFixed(2)} s`,
  );
  note(
    'nothing is owed at Calendly',
    debts.length === 0,
    debts.length === 0 ? 'no debts' : `${debts.length} debts: ${JSON.stringify(debts).slice(0, 160)}`,
  );
  const webhooks = await goneInTime(world, () => world.webhooks(who));
  note('the webhook is gone', webhooks.count === 0, `${webhooks.count} (${webhooks.how})`);
  const tokens = await goneInTime(world, () => world.liveTokens(who));
  note('the tokens are revoked', tokens.count === 0, `${tokens.count} (${tokens.how})`);
  const stored = await goneInTime(world, () => world.storedTokens());
  note('the tokens are wiped', stored.count === 0, `${stored.count} (${stored.how})`);
  const shown = (await host.meetings()).length;
  note('no meetings are shown any more', shown === 0, String(shown));
}
