import { sql } from 'kysely';
import { expect } from 'vitest';
import { parseEncryptionKeys } from '../../../src/config/parsers.ts';
import { readRefreshToken } from '../../../src/grants/grant-rows.ts';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { fingerprint, type TokenPair } from '../../../src/sandbox/index.ts';
import { replayHistory } from './replay-history.ts';
import { CHILD_API_KEY } from '../service/start-service-child.ts';
import type { TestWorld } from './start-world.ts';
import { CLIENT } from '../service/start-test-service.ts';

/** What is true of one account at Calendly, for the caller to judge: some crashes cost a second presentation or a pair of tokens. */
export interface AccountTruth {
  /** Refresh tokens that were presented more than once, refusals for haste (429) aside. */
  secondPresentations: number;
  /** Live refresh tokens at Calendly that nobody holds any more: their answer was lost. */
  lostPairs: number;
}

/** I1, I2, I3, I6 and I9 for these tenants (all), against the sandbox's truth. They must be at rest. */
export async function checkInvariants(
  world: TestWorld,
  accounts: string[],
  tenants?: string[],
  /** Fingerprints of refresh tokens that another system holds as well: they are lost to nobody. */
  shared: ReadonlySet<string> = new Set(),
): Promise<AccountTruth> {
  const { db } = world.database;
  const all = (await db.selectFrom('connection').select('tenant_id').execute()).map((row) => row.tenant_id);
  const stored = await storedRefreshTokens(world);
  const pairs = accounts.flatMap((account) => world.sandbox.controls.tokens(account).pairs);
  for (const tenantId of tenants ?? all) await checkTenant(world, tenantId, stored, pairs);
  await checkSubscriptionsAreKnown(world);
  expect(await findPlainSecrets(world), 'I3: secrets in plain text').toEqual([]);
  expect(await replayHistory(db, tenants), 'I6: history').toEqual([]);
  return {
    secondPresentations: pairs.filter(
      ({ presentations }) => presentations.filter(({ result }) => result !== 'rate_limited').length > 1,
    ).length,
    lostPairs: pairs.filter(
      ({ refreshTokenLive, refreshTokenFingerprint: held }) =>
        refreshTokenLive && ![...stored.values()].includes(held) && !shared.has(held),
    ).length,
  };
}

async function checkTenant(
  world: TestWorld,
  tenantId: string,
  stored: Map<string, string>,
  pairs: TokenPair[],
): Promise<void> {
  const { db } = world.database;
  const { state, context } = await world.contextOf(tenantId);
  const rows = await db.selectFrom('subscription').selectAll().where('tenant_id', '=', tenantId).execute();
  const urls = new Map(rows.map((row) => [row.callback_url, row]));
  const live = world.sandbox.controls.subscriptions().filter(({ callback_url }) => urls.has(callback_url));
  const owed = context.debts.filter(({ kind }) => kind === 'subscription');
  const ofCurrent = live.filter(({ callback_url }) => urls.get(callback_url)!.id === context.subscription);

  if (state === 'connected.webhooks') {
    expect(ofCurrent, `I1: ${tenantId} has its subscription`).toHaveLength(1);
    expect(
      rows.find(({ id }) => id === context.subscription),
      `I1: deliveries of ${tenantId} are taken`,
    ).toMatchObject({ status: 'live' });
    expect(ofCurrent[0], `I1: the subscription of ${tenantId} is alive`).toMatchObject({ state: 'active' });
  }
  expect(live.length, `I1: subscriptions of ${tenantId} in ${state}`).toBeLessThanOrEqual(
    (context.subscription === null ? 0 : 1) + owed.length,
  );

  if (state.startsWith('connected.')) {
    const token = pairs.find((pair) => pair.refreshTokenFingerprint === stored.get(context.grant!.id));
    if (token) expect(token.refreshTokenLive, `I2: ${tenantId} is connected with a living token`).toBe(true);
  }
  if (state === 'disconnected.idle' && context.debts.length === 0) {
    expect(live, `I9: no subscription of ${tenantId} is left`).toEqual([]);
    const tokens = await db
      .selectFrom('credential')
      .select('purpose')
      .where('tenant_id', '=', tenantId)
      .where('purpose', '!=', 'signing_key')
      .execute();
    expect(tokens, `I9: tokens, codes and verifiers of ${tenantId} are wiped`).toEqual([]);
  }
}

/** I1: nothing of this installation is at Calendly without a row here. */
async function checkSubscriptionsAreKnown({ sandbox, publicUrl, database: { db } }: TestWorld): Promise<void> {
  const rows = await db.selectFrom('subscription').select('callback_url').execute();
  const known = rows.map((row) => row.callback_url);
  const strangers = sandbox.controls
    .subscriptions()
    .filter(({ callback_url }) => callback_url.startsWith(publicUrl) && !known.includes(callback_url));
  expect(strangers, 'I1: subscriptions that no row knows').toEqual([]);
}

/** Fingerprint of the refresh token of every grant that has one. */
async function storedRefreshTokens({ database: { db }, encryptionKeys }: TestWorld): Promise<Map<string, string>> {
  const parsed = parseEncryptionKeys(encryptionKeys);
  const box = createSealedBox('value' in parsed ? parsed.value : []);
  const grants = await db.selectFrom('oauth_grant').selectAll().execute();
  const tokens = await Promise.all(
    grants.map(async (grant) => [grant.id, await readRefreshToken(db, box, grant)] as const),
  );
  return new Map(tokens.flatMap(([id, token]) => (token === null ? [] : [[id, fingerprint(token)] as const])));
}

/** The sandbox's tokens, codes and our signing keys are 64 hexadecimal digits; access tokens are JWTs. Sealed bytes print as \x…. */
const SECRET = String.raw`(^|[^0-9a-fx])[0-9a-f]{64}([^0-9a-f]|$)|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.`;

async function findPlainSecrets({ database: { db }, logged }: TestWorld): Promise<string[]> {
  const words = [CLIENT.clientSecret, CHILD_API_KEY];
  const pattern = [SECRET, ...words].join('|');
  const { rows: tables } = await sql<{
    schema: string;
    name: string;
  }>`select schemaname as schema, tablename as name from pg_tables
    where schemaname in ('public', 'pgboss')`.execute(db);
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.table(`${schema}.${name}`)} t
      where to_jsonb(t)::text ~ ${pattern} limit 1`.execute(db);
    found.push(...rows.map(({ row }) => `${schema}.${name}: ${row}`));
  }
  const expression = new RegExp(pattern);
  return [...found, ...logged.filter((line) => expression.test(line)).slice(0, 1)];
}
