import { setTimeout as sleep } from 'node:timers/promises';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { fingerprint } from '../../../src/sandbox/index.ts';
import { codeFor, postToken, redirectUri } from '../../support/calendly/sandbox-for-test.ts';
import { CLIENT } from '../../support/service/start-test-service.ts';
import type { TestWorld } from '../../support/world/start-world.ts';
import { connectionOf } from '../journeys.ts';
import type { Moment, Step } from './steps.ts';

/** The tenants and accounts of one walk: no walk meets another's. */
export interface Cast {
  tenants: string[];
  accounts: string[];
  /** Fingerprints of the refresh tokens that another system has: whoever imports them may give them back, and never revokes them then. */
  shared: Set<string>;
}

const wait = { headers: { prefer: 'wait=1' } };

/** Has the world do all of it at once. Whoever asks a service that is killed just then gets no answer. */
export async function takeMoment(world: TestWorld, cast: Cast, moment: Moment): Promise<void> {
  const killed = moment.some((step) => step.do === 'kill');
  const outcomes = await Promise.allSettled(
    moment.map((step, at) => takeStep(world, cast, step, at % world.instances.length)),
  );
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected' && !(killed && moment[at]!.do !== 'kill' && isCutOff(outcome.reason)))
      throw outcome.reason;
  }
}

/** fetch's words for a server that went away or was not there. */
const isCutOff = (error: unknown): boolean => error instanceof TypeError && error.message === 'fetch failed';

/** The service may refuse; whatever it says must be an answer that it knows. */
async function takeStep(world: TestWorld, cast: Cast, step: Step, at: number): Promise<void> {
  const { tenants, accounts } = cast;
  const { controls } = world.sandbox;
  const api = world.instances[at]!.api;
  const post = (tenant: number, command: string, body?: object) =>
    answered(api('POST', `${connectionOf(tenants[tenant]!)}/${command}`, { body, ...wait }));
  switch (step.do) {
    case 'connect':
      return void (await post(step.tenant, 'connect', { switchAccount: step.switchAccount }));
    case 'consent': {
      const { body } = await post(step.tenant, 'connect', { switchAccount: step.switchAccount });
      if (typeof body.authorizeUrl !== 'string') return;
      await giveConsent(body.authorizeUrl, accounts[step.account]!);
      const { pendingAccount } = (await api('GET', connectionOf(tenants[step.tenant]!))).body;
      if (pendingAccount)
        await post(step.tenant, 'confirm-account', { accept: step.accept, accountUri: pendingAccount.uri });
      return;
    }
    case 'deny': {
      const { body } = await post(step.tenant, 'connect', {});
      if (typeof body.authorizeUrl === 'string')
        await giveConsent(body.authorizeUrl, accounts[0]!, { decision: 'deny' });
      return;
    }
    case 'import': {
      const tokens = await tokensOfAnother(world, cast, accounts[step.account]!);
      if (tokens === undefined) return;
      const { access_token: accessToken, refresh_token: refreshToken } = tokens;
      return void (await post(step.tenant, 'import', {
        refreshToken,
        ...(step.withAccessToken ? { accessToken } : {}),
      }));
    }
    case 'disconnect':
      return void (await answered(api('DELETE', connectionOf(tenants[step.tenant]!), wait)));
    case 'token':
      return void (await answered(api('GET', `/v1/tenants/${tenants[step.tenant]}/access-token`, wait)));
    case 'refresh':
    case 'resync':
    case 'retry':
      return void (await post(step.tenant, step.do));
    case 'book':
      return void controls.book({ account: accounts[step.account]!, name: 'Gina Guest', email: 'gina@guest.example' });
    case 'disable webhooks':
      return controls
        .subscriptions({ account: accounts[step.account]! })
        .forEach(({ uri }) => controls.disableSubscription(uri));
    case 'revoke login':
      return controls.accounts.revokeLogin(accounts[step.account]!);
    case 'fault':
      return void controls.faults.add(step.fault);
    case 'end of faults':
      return controls.faults.clear();
    case 'time':
      return world.advance(step.seconds * 1000);
    case 'kill':
      await sleep(step.afterMs);
      await world.instances[0]!.kill();
      return world.restart();
    case 'quiet':
      return;
  }
}

/** Another system's consent; undefined: Calendly fails just then. */
async function tokensOfAnother(
  { sandbox: { url } }: TestWorld,
  { shared }: Cast,
  account: string,
): Promise<Record<'access_token' | 'refresh_token', string> | undefined> {
  const code = await codeFor(url, account, { client_id: CLIENT.clientId });
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
  const answer = await postToken(url, {
    ...fields,
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
  }).catch(() => undefined);
  const text = await answer?.text().catch(() => '');
  if (!answer?.ok || !text?.startsWith('{')) return undefined;
  const tokens = JSON.parse(text);
  shared.add(fingerprint(tokens.refresh_token));
  return tokens;
}

/** 404: a tenant never seen · 409: not in this state · 422: tokens that were revoked · 503: no token in time. All else is a bug. */
async function answered<T extends { status: number; body: unknown }>(answer: Promise<T>): Promise<T> {
  const given = await answer;
  if (![200, 202, 404, 409, 422, 503].includes(given.status))
    throw new Error(`Answered ${given.status}: ${JSON.stringify(given.body)}`);
  return given;
}
