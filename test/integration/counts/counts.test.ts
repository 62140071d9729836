import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giveAccessTokens } from '../../../src/connection/commands/give-access-tokens.ts';
import { connect } from '../../../src/connection/commands/connect.ts';
import { listenForChanges, type Changes } from '../../../src/connection/reads/listen-for-changes.ts';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import type { CommandDeps } from '../../../src/connection/commands/command-deps.ts';
import { BACKFILLS_QUEUE } from '../../../src/jobs/queues.ts';
import { groupDelivery } from '../../support/calendly/group-deliveries.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { storeSubscription } from '../../support/postgres/store-subscription.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { CLIENT, startTestService } from '../../support/service/start-test-service.ts';
import { stillService, type StillService, type Cost } from '../../support/service/still-service.ts';

const TENANT = 'tenant-counted';
const DELIVERIES = 50;
const EXCHANGES = 10;

/** The most that each may cost, in trips to the database and calls of Calendly. What costs less by now belongs here as well. */
const MOST: Record<string, [roundTrips: number, calendlyCalls: number]> = {
  'delivery received': [1, 0],
  [`${DELIVERIES} deliveries received at once`]: [2, 0],
  'delivery applied': [17, 0],
  [`${DELIVERIES} deliveries applied`]: [17, 0],
  'access token given': [1, 0],
  [`${EXCHANGES} exchanges recorded at once`]: [2, EXCHANGES],
  'reconnect: its first event': [10, 0],
  'reconnect: its three effects': [69, 3],
  'back-fill of a reconnect': [22, 1],
  'timer: the look at a webhook is due': [6, 0],
  'the look at a webhook': [14, 2],
};

describe('what one operation costs, on every machine the same', () => {
  let sandbox: Sandbox;
  let database: TestDatabase;
  let still: StillService;
  let changes: Changes;
  let commands: CommandDeps;
  const costs: Record<string, Cost> = {};

  beforeAll(async () => {
    sandbox = await startSandbox(CLIENT);
    database = await createTestDatabase();
    const service = await startTestService({ database, sharedSandbox: sandbox });
    await connectTenant(service, TENANT, 'alice');
    await service.stop();
    still = await stillService(service);
    await still.runEffects(BACKFILLS_QUEUE);
    changes = await listenForChanges(database.url);
    commands = {
      ...still.deps,
      changes,
      scopes: [],
      refreshRecentSeconds: 0,
      consentCompletion: 'callback',
      mayAct: () => true,
      eraseSettled: async () => 0,
    };
  });
  afterAll(async () => {
    if (process.env.COUNTS_FILE !== undefined) writeFileSync(process.env.COUNTS_FILE, JSON.stringify(costs));
    await changes.close();
    await still.close();
    await database.close();
    await sandbox.close();
  });

  const measured = async (name: string, work: () => Promise<unknown>): Promise<Cost> => {
    const cost = await still.cost(work);
    costs[name] = cost;
    const [roundTrips, calendlyCalls] = MOST[name]!;
    expect(cost.roundTrips, `round trips of ${name}`).toBeLessThanOrEqual(roundTrips);
    expect(cost.calendlyCalls, `calls of ${name}`).toBe(calendlyCalls);
    return cost;
  };

  test('deliveries: one statement for all that came together, and as many for one applied as for many', async () => {
    const { db, box, now } = still.deps;
    const { account_uri: accountUri } = await database.db
      .selectFrom('connection')
      .select('account_uri')
      .executeTakeFirstOrThrow();
    const subscription = await storeSubscription(db, box, { tenantId: TENANT, accountUri: accountUri! });
    const receive = receiveDeliveries({ db, box, now });
    let event = 0;
    const deliver = async (count: number) => {
      const answers = Array.from({ length: count }, async () => {
        const rawBody = Buffer.from(JSON.stringify(groupDelivery(`E${event++}`, 1)));
        const signatureHeader = signDelivery(rawBody, subscription.signingKey, now());
        return (await receive({ subscriptionId: subscription.id, rawBody, signatureHeader })).status;
      });
      expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    };
    await deliver(1); // remembers the subscription
    await projectDeliveries(db);

    await measured('delivery received', () => deliver(1));
    const one = await measured('delivery applied', () => projectDeliveries(db));
    await measured(`${DELIVERIES} deliveries received at once`, () => deliver(DELIVERIES));
    const many = await measured(`${DELIVERIES} deliveries applied`, () => projectDeliveries(db));
    expect(many).toEqual(one);
  });

  test('a stored token is given by one look, without Calendly', async () => {
    const give = giveAccessTokens(commands);
    await measured('access token given', () => give(TENANT, 1, { kind: 'route', route: 'counts' }));
  });

  test('exchanges: those that come together are stored together, and one that cannot be stored costs no other', async () => {
    const record = (body: unknown) =>
      still.deps.record({
        id: randomUUID(),
        trace: { tenantId: TENANT, effectId: null, effect: 'counted', attempt: 1 },
        method: 'GET',
        path: '/users/me',
        requestBody: null,
        status: 200,
        failure: null,
        headers: {},
        body,
        startedAt: new Date(),
        durationMs: 1,
        secrets: [],
      });
    const all = Array.from({ length: EXCHANGES }, (_, index) => ({ index }));
    await measured(`${EXCHANGES} exchanges recorded at once`, () => Promise.all(all.map(record)));
    await Promise.all([{ other: 1 }, { unstorable: '\u0000' }, { other: 2 }].map(record));
    const stored = await database.db.selectFrom('exchange').select('body').where('effect', '=', 'counted').execute();
    const bodies = stored.map(({ body }) => JSON.stringify(body)).sort();
    expect(bodies).toEqual([...all, { other: 1 }, { other: 2 }].map((body) => JSON.stringify(body)).sort());
  });

  test('a reconnect: one event for each answer of Calendly', async () => {
    const request = {
      tenantId: TENANT,
      switchAccount: false,
      returnTo: null,
      waitSeconds: 0,
      completion: 'callback',
    } as const;
    const cause = { kind: 'route', route: 'counts' } as const;
    let effects: string[] = [];
    await measured('reconnect: its first event', () => connect(commands, { ...request, cause }));
    await measured('reconnect: its three effects', async () => {
      effects = await still.runEffects();
    });
    expect(effects).toEqual(['refreshToken', 'identifyAccount', 'listSubscriptions']);
    await measured('back-fill of a reconnect', () => still.runEffects(BACKFILLS_QUEUE));
  });

  test('a timer: taken, its event sent, the next one set', async () => {
    await measured('timer: the look at a webhook is due', () => still.runTimer(TENANT, 'watch'));
    await measured('the look at a webhook', () => still.runEffects());
  });
});
