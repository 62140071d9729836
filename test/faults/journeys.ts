import { giveConsent } from '../support/calendly/give-consent.ts';
import { startOldApplication, type OldRow } from '../support/calendly/old-application.ts';
import { makeTimerDue } from '../support/service/make-timer-due.ts';
import type { TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';

const MINUTE = 60_000;

/** How the world brings one tenant to an effect. */
export interface Journey {
  effect: string;
  /** What the tenant was doing, for people. */
  says: string;
  /** Where this leads when nothing goes wrong for good. */
  goal: 'connected.webhooks' | 'disconnected.idle';
  /** The request that the effect makes. */
  call: { method: string; path: string };
  /** Everything that comes before. */
  prepare(world: TestWorld, tenantId: string, account: string): Promise<void>;
  /** Sets the effect going. Its caller may be killed under it: whoever asked then hears nothing. */
  trigger(world: TestWorld, tenantId: string, account: string): Promise<unknown>;
  /** Calendly has done what the request asks for; left out where it only reads. */
  isDone?(world: TestWorld, account: string): boolean;
  /** Where all is well it says nothing to the machine. */
  isSilent?: boolean;
  /** Where it leads when the answer that brought tokens died with the process. */
  afterLoss?: string;
}

export const connectionOf = (tenantId: string): string => `/v1/tenants/${tenantId}/connection`;

export async function consent(
  world: TestWorld,
  tenantId: string,
  account: string,
  switchAccount = false,
): Promise<unknown> {
  const { body } = await world.api('POST', `${connectionOf(tenantId)}/connect`, { body: { switchAccount } });
  return giveConsent(body.authorizeUrl, account);
}

export async function connectInWorld(world: TestWorld, tenantId: string, account: string): Promise<void> {
  await consent(world, tenantId, account);
  await waitFor(async () => (await world.contextOf(tenantId)).state.startsWith('connected.'), {
    describe: `${tenantId} to be connected`,
  });
  await world.settle({ tenants: [tenantId] });
}

const answerSoon = { headers: { prefer: 'respond-async' } };
const command = (name: string) => (world: TestWorld, tenantId: string) =>
  world.api('POST', `${connectionOf(tenantId)}/${name}`, answerSoon);

type Way = Pick<Journey, 'says' | 'goal' | 'prepare' | 'trigger'>;
const consenting: Way = {
  says: 'first consent',
  goal: 'connected.webhooks',
  prepare: async () => {},
  trigger: consent,
};
const proving: Way = {
  says: 'reconnect',
  goal: 'connected.webhooks',
  prepare: connectInWorld,
  trigger: command('connect'),
};
const reconnecting: Way = {
  ...proving,
  async prepare(world, tenantId, account) {
    await connectInWorld(world, tenantId, account);
    await world.advance(10 * MINUTE); // younger tokens are proven, not refreshed
  },
};
const upkeep: Way = {
  says: 'upkeep',
  goal: 'connected.webhooks',
  prepare: connectInWorld,
  trigger: command('refresh'),
};
const resyncing: Way = {
  says: 'resync',
  goal: 'connected.webhooks',
  prepare: connectInWorld,
  trigger: command('resync'),
};
const disconnecting: Way = {
  says: 'disconnect',
  goal: 'disconnected.idle',
  prepare: connectInWorld,
  trigger: (world, tenantId) => world.api('DELETE', connectionOf(tenantId), answerSoon),
};
const watching: Way = {
  says: 'watch',
  goal: 'connected.webhooks',
  prepare: connectInWorld,
  trigger: ({ database }, tenantId) => makeTimerDue(database, tenantId, 'watch'),
};

const pairsOf = ({ sandbox }: TestWorld, account: string) => sandbox.controls.tokens(account).pairs;
const webhooksOf = ({ sandbox }: TestWorld, account: string) => sandbox.controls.subscriptions({ account });
const token = { method: 'POST', path: '/oauth/token' };
const refreshing = {
  effect: 'refreshToken',
  call: token,
  isDone: (world: TestWorld, account: string) =>
    pairsOf(world, account).some(({ presentations }) => presentations.length > 0),
};

/** Every effect, in every way that the service comes to it. */
export const journeys: Journey[] = [
  {
    ...consenting,
    effect: 'exchangeCode',
    call: token,
    isDone: (world, account) => pairsOf(world, account).length > 0,
  },
  { ...consenting, effect: 'identifyAccount', call: { method: 'GET', path: '/users/me' } },
  { ...proving, effect: 'identifyAccount', call: { method: 'GET', path: '/users/me' } },
  { ...reconnecting, ...refreshing },
  { ...upkeep, ...refreshing },
  { ...resyncing, effect: 'listSubscriptions', call: { method: 'GET', path: '/webhook_subscriptions' } },
  {
    ...consenting,
    effect: 'createSubscription',
    call: { method: 'POST', path: '/webhook_subscriptions' },
    isDone: (world, account) => webhooksOf(world, account).length > 0,
  },
  {
    ...watching,
    effect: 'checkSubscription',
    call: { method: 'GET', path: '/webhook_subscriptions/:uuid' },
    isSilent: true,
  },
  {
    ...disconnecting,
    effect: 'deleteSubscription',
    call: { method: 'DELETE', path: '/webhook_subscriptions/:uuid' },
    isDone: (world, account) => webhooksOf(world, account).length === 0,
  },
  {
    ...disconnecting,
    effect: 'revokeGrant',
    call: { method: 'POST', path: '/oauth/revoke' },
    isDone: (world, account) => pairsOf(world, account).every(({ refreshTokenLive }) => !refreshTokenLive),
  },
  { ...consenting, effect: 'backfillMeetings', call: { method: 'GET', path: '/scheduled_events' } },
];

/** What each tenant's former system holds. */
const formerRows = new Map<string, OldRow>();
const importing = (withAccessToken: boolean): Way & Pick<Journey, 'afterLoss'> => ({
  says: withAccessToken ? 'import' : 'import of a refresh token',
  goal: 'connected.webhooks',
  afterLoss: 'disconnected.idle',
  async prepare(world, tenantId, account) {
    const old = await startOldApplication(world.sandbox.url);
    formerRows.set(tenantId, await old.connect(tenantId, account));
    await old.close();
  },
  trigger: (world, tenantId) =>
    world.api('POST', `${connectionOf(tenantId)}/import`, importOf(tenantId, withAccessToken)),
});

function importOf(tenantId: string, withAccessToken: boolean) {
  const { refresh_token: refreshToken, access_token: accessToken, ...row } = formerRows.get(tenantId)!;
  const webhooks = [{ uri: row.webhook_uri }];
  const proof = withAccessToken ? { accessToken, expiresAt: row.token_expires_at } : {};
  return { body: { refreshToken, webhooks, ...proof }, ...answerSoon };
}

/** The ways of an import to its effects, and to those of a consent that it shares. */
export const importJourneys: Journey[] = [
  { ...importing(true), effect: 'identifyAccount', call: { method: 'GET', path: '/users/me' } },
  { ...importing(false), ...refreshing },
  {
    ...importing(true),
    effect: 'createSubscription',
    call: { method: 'POST', path: '/webhook_subscriptions' },
    isDone: (world, account) => webhooksOf(world, account).length > 1,
  },
  {
    ...importing(true),
    effect: 'deleteSubscription',
    call: { method: 'DELETE', path: '/webhook_subscriptions/:uuid' },
    isDone: (world, account) => webhooksOf(world, account).length === 1,
  },
];
