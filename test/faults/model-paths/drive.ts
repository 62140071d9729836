import { sql } from 'kysely';
import type { EffectType } from '../../../machines/connection/index.ts';
import { startOldApplication } from '../../support/calendly/old-application.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { wakeWorkers } from '../../support/world/moved-time.ts';
import type { TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { connectionOf } from '../journeys.ts';
import { CALLS, type Cause } from './causes.ts';
import type { PathStep } from './find-paths.ts';

/** A tenant on a path, with the two accounts that its person can sign in with. */
export interface Traveller {
  tenantId: string;
  accounts: [string, string];
  /** What Calendly's consent page waits for. */
  authorizeUrl: string | null;
  /** The account of the consent that stands. */
  account: string;
}

const answerSoon = { prefer: 'respond-async' };

/** Makes the world bring the event of this step about, and comes back when the service has dealt with it. */
export async function drive(
  world: TestWorld,
  traveller: Traveller,
  { cause }: PathStep,
  ahead: readonly PathStep[],
): Promise<void> {
  switch (cause.by) {
    case 'request':
      return ask(world, traveller, cause);
    case 'consent':
      return consent(world, traveller, cause.decision, ahead);
    case 'import':
      return bringIn(world, traveller, cause.withAccessToken, ahead);
    case 'timer':
      return expire(world, traveller, cause.name);
    case 'answer':
      return answer(world, traveller, cause);
  }
}

async function ask(
  world: TestWorld,
  traveller: Traveller,
  { method, path, body }: Extract<Cause, { by: 'request' }>,
): Promise<void> {
  const { tenantId } = traveller;
  const pending =
    path === '/confirm-account' ? (await world.api('GET', connectionOf(tenantId))).body.pendingAccount : null;
  const sent = pending === null ? body : { ...body, accountUri: pending.uri };
  const answered = await world.api(method, `${connectionOf(tenantId)}${path}`, { body: sent, headers: answerSoon });
  if (answered.status >= 400)
    throw new Error(`${path} was answered with ${answered.status}: ${JSON.stringify(answered.body)}`);
  if (path === '/connect') traveller.authorizeUrl = answered.body.authorizeUrl ?? traveller.authorizeUrl;
}

/** Who signs in is decided here; what the path makes of it comes later. */
async function consent(
  world: TestWorld,
  traveller: Traveller,
  decision: 'allow' | 'deny',
  ahead: readonly PathStep[],
): Promise<void> {
  const { context, version } = await world.contextOf(traveller.tenantId);
  const next = ahead.find(({ says }) => says === 'account identified' || says === 'another account identified');
  const isOther =
    next?.says === 'another account identified' || (context.attempt?.switchAccount === true && context.grant !== null);
  if (isOther) traveller.account = traveller.accounts.find((each) => each !== traveller.account)!;
  // The callback answers once the connection is settled, which on this path it is not for a while.
  const browser = giveConsent(traveller.authorizeUrl!, traveller.account, { decision }).catch(() => 'cut off');
  await waitFor(async () => (await world.contextOf(traveller.tenantId)).version > version, {
    describe: 'the callback',
  });
  void browser;
}

/** Whose tokens they are is decided here, as with a consent. */
async function bringIn(
  world: TestWorld,
  traveller: Traveller,
  withAccessToken: boolean,
  ahead: readonly PathStep[],
): Promise<void> {
  const next = ahead.find(({ says }) => says === 'account identified' || says === 'another account identified');
  if (next?.says === 'another account identified')
    traveller.account = traveller.accounts.find((each) => each !== traveller.account)!;
  const old = await startOldApplication(world.sandbox.url);
  const row = await old.connect(traveller.tenantId, traveller.account);
  await old.close();
  const token = withAccessToken ? { accessToken: row.access_token, expiresAt: row.token_expires_at } : {};
  const body = { refreshToken: row.refresh_token, webhooks: [{ uri: row.webhook_uri }], ...token };
  const sent = { body, headers: answerSoon };
  const answered = await world.api('POST', `${connectionOf(traveller.tenantId)}/import`, sent);
  if (answered.status >= 400) throw new Error(`import was answered with ${answered.status}`);
}

async function expire(world: TestWorld, { tenantId }: Traveller, name: string): Promise<void> {
  const { db } = world.database;
  const timer = await db
    .selectFrom('timer')
    .select(['name', 'job_id'])
    .where('tenant_id', '=', tenantId)
    .where('name', 'like', name === 'debt' ? 'debt:%' : name)
    .executeTakeFirstOrThrow(() => new Error(`No timer ${name}`));
  await makeTimerDue(world.database, tenantId, timer.name);
  await wakeWorkers(db);
  await waitFor(
    async () => !(await db.selectFrom('timer').select('job_id').where('job_id', '=', timer.job_id).executeTakeFirst()),
    { describe: `the timer ${timer.name}` },
  );
}

async function answer(
  world: TestWorld,
  { tenantId, account }: Traveller,
  { effect, fault, before }: Extract<Cause, { by: 'answer' }>,
): Promise<void> {
  const { controls } = world.sandbox;
  const hooks = controls.subscriptions({ account });
  if (before === 'nothing left') hooks.forEach(({ uri }) => controls.deleteSubscription(uri));
  if (before === 'disabled') hooks.forEach(({ uri }) => controls.disableSubscription(uri));
  if (fault) controls.faults.add({ ...CALLS[effect], ...fault });
  const id = await pendingEffect(world, tenantId, effect);
  await world.gates.open('run', effect);
  const { db } = world.database;
  await waitFor(
    () =>
      db
        .selectFrom('effect')
        .select('answer')
        .where('id', '=', id)
        .where('answered_at', 'is not', null)
        .executeTakeFirst(),
    { describe: `the answer of ${effect}`, timeoutMs: 10_000 },
  );
  await world.gates.close('run', effect);
  controls.faults.clear();
}

async function pendingEffect({ database: { db } }: TestWorld, tenantId: string, effect: EffectType): Promise<string> {
  const { rows } = await sql<{
    id: string;
  }>`select id from effect where tenant_id = ${tenantId} and type = ${effect} and answered_at is null`.execute(db);
  if (rows.length !== 1) throw new Error(`${rows.length} effects ${effect} are to be answered`);
  return rows[0]!.id;
}
