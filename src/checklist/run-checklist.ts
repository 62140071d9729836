import type { Figures, Outcome } from './report.ts';
import { hasPassed } from './report.ts';
import { runScenario } from './run-scenario.ts';
import { accountSwitch } from './scenarios/account-switch.ts';
import { disconnection } from './scenarios/disconnection.ts';
import { firstConnection } from './scenarios/first-connection.ts';
import { reconnection, type ReconnectFigures } from './scenarios/reconnection.ts';
import type { Surroundings } from './surroundings/surroundings.ts';

const NOT_TRIED = 'not tried: nothing is connected';

/** Runs the four scenarios in order, on one tenant. Disconnecting is always tried. */
export async function runChecklist(
  world: Surroundings,
  { reconnects, say }: { reconnects: number; say: (text: string) => void },
): Promise<{ outcomes: Outcome[]; figures: Figures }> {
  const seconds: number[] = [];
  let reconnected: ReconnectFigures | null = null;
  const isConnected = () =>
    world.host.connection().then(
      ({ state }) => state === 'connected',
      () => false,
    );
  const needConnection = async () => {
    if (!(await isConnected())) throw new Error(NOT_TRIED);
  };

  const first = await runScenario(
    'First connection',
    say,
    async (note) => void seconds.push(await firstConnection(world, note)),
  );
  const again = await runScenario('Reconnection with the same account', say, async (note) => {
    await needConnection();
    reconnected = await reconnection(world, note, reconnects, say);
    seconds.push(reconnected.seconds);
  });
  const before = await world.host.connection().catch(() => null);
  const switched = await runScenario('Switch to a different account', say, async (note) => {
    await needConnection();
    seconds.push(await accountSwitch(world, note));
  });
  const after = await world.host.connection().catch(() => null);
  const isSecond = after?.account !== null && after?.account?.uri !== before?.account?.uri;
  const last = await runScenario('Disconnect', say, async (note) => {
    if (!hasPassed(first)) await needConnection();
    await disconnection(world, note, isSecond ? 'second' : 'first');
  });
  return {
    outcomes: [first, again, switched, last],
    figures: [
      ...figuresOf(reconnected),
      ['seconds from booking to visible', seconds.map((each) => each.toFixed(2)).join(', ') || '–'],
    ],
  };
}

function figuresOf(reconnected: ReconnectFigures | null): Figures {
  if (reconnected === null) return [];
  const { rounds, redirects, webhooks, calls } = reconnected;
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return [
    ['redirects per reconnect', (redirects / rounds).toFixed(1)],
    [`webhooks per tenant after ${rounds} reconnects`, String(webhooks)],
    [
      'Calendly calls per reconnect',
      `${(total / rounds).toFixed(1)}  (${[...calls].map(([call, count]) => `${call} × ${count}`).join(', ')})`,
    ],
  ];
}
