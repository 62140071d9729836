import { sql } from 'kysely';
import type { Receiver } from '../../support/service/start-receiver.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import type { TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { connectionOf, consent } from '../journeys.ts';

/** Without noise each of these is a matter of tenths of a second. Whoever waits longer than this stands in somebody else's queue. */
const NOTICED_AFTER_MS = 10_000;
/** Upkeep is planned 20 minutes ahead and more: that of one tenant may wait until the calls of others have come to their limit of a minute. */
const UPKEEP_NOTICED_AFTER_MS = 180_000;
const MINUTE = 60_000;

export const BYSTANDER = 'bystander';
/** What somebody waits for, and what time brings. */
export const ACTS = ['reads', 'resyncs', 'reconnects', 'needs a token', 'is booked', 'comes anew'] as const;
export const UPKEEP = ['is refreshed', 'is watched'] as const;
export type Act = (typeof ACTS)[number] | (typeof UPKEEP)[number];

/** Has the tenant do it, and comes back with the events of its history once all of it is done; throws where it takes too long. */
export async function act(world: TestWorld, receiver: Receiver, what: Act): Promise<string[]> {
  const {
    database,
    sandbox: { controls },
  } = world;
  const { version } = await world.contextOf(BYSTANDER);
  const within = { timeoutMs: NOTICED_AFTER_MS };
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const began = performance.now();
    const answer = await world.api(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300)
      throw new Error(`${what}: ${method} ${path} was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    if (performance.now() - began > NOTICED_AFTER_MS)
      throw new Error(`${what}: ${method} ${path} took ${Math.round(performance.now() - began)} ms`);
    return answer.body;
  };
  switch (what) {
    case 'reads':
      await ask('GET', `/v1/tenants/${BYSTANDER}/meetings`);
      await ask('GET', connectionOf(BYSTANDER));
      await ask('GET', '/health/ready');
      break;
    case 'resyncs':
      await ask('POST', `${connectionOf(BYSTANDER)}/resync`);
      break;
    case 'reconnects': {
      const { connection } = await ask('POST', `${connectionOf(BYSTANDER)}/connect`, {});
      if (connection.state !== 'connected') throw new Error(`reconnects: left in ${connection.state} after the wait`);
      break;
    }
    case 'needs a token':
      await database.db
        .updateTable('oauth_grant')
        .set({ expires_at: new Date(0), refreshed_at: new Date(0) })
        .where('tenant_id', '=', BYSTANDER)
        .execute();
      await ask('GET', `/v1/tenants/${BYSTANDER}/access-token`);
      break;
    case 'is booked': {
      const { inviteeUri } = controls.book({ account: BYSTANDER, name: 'Bea Booker', email: 'bea@guest.example' });
      // Calendly may have a thousand others to deliver first; what counts is from when it comes to this one.
      const attempts = () => controls.deliveries.list().find(({ body }) => body.includes(inviteeUri))?.attempts ?? [];
      const [attempt] = await waitFor(() => (attempts().length > 0 ? attempts() : undefined), {
        timeoutMs: MINUTE,
        describe: 'the delivery',
      });
      if (attempt!.status !== 200 || attempt!.durationMs > NOTICED_AFTER_MS)
        throw new Error(`is booked: the delivery was answered with ${JSON.stringify(attempt)}`);
      await waitFor(
        async () =>
          JSON.stringify(await ask('GET', `/v1/tenants/${BYSTANDER}/meetings?limit=100`)).includes(inviteeUri),
        { ...within, describe: 'the booking to show' },
      );
      await waitFor(() => receiver.taken(({ data }) => data?.inviteeUri === inviteeUri).length > 0, {
        ...within,
        describe: 'the host to be told',
      });
      break;
    }
    case 'is refreshed': {
      const { pairs } = controls.tokens(BYSTANDER);
      await makeTimerDue(database, BYSTANDER, 'refresh');
      await waitFor(() => controls.tokens(BYSTANDER).pairs.length > pairs.length, {
        timeoutMs: UPKEEP_NOTICED_AFTER_MS,
        describe: 'the refresh',
      });
      break;
    }
    case 'is watched': {
      const looks = () =>
        controls
          .calls()
          .filter(
            ({ account, method, path }) =>
              account === BYSTANDER && method === 'GET' && path.startsWith('/webhook_subscriptions/'),
          ).length;
      const before = looks();
      await makeTimerDue(database, BYSTANDER, 'watch');
      await waitFor(() => looks() > before, {
        timeoutMs: UPKEEP_NOTICED_AFTER_MS,
        describe: 'the look at the webhook',
      });
      break;
    }
    case 'comes anew':
      await ask('DELETE', connectionOf(BYSTANDER));
      await consent(world, BYSTANDER, BYSTANDER);
      break;
  }
  await waitFor(
    async () => (await world.contextOf(BYSTANDER)).state === 'connected.webhooks' && (await isDone(world)),
    { ...within, describe: `"${what}" to be done` },
  );
  const { rows } = await sql<{
    type: string;
  }>`select event->>'type' as type from history where tenant_id = ${BYSTANDER} and version > ${version} and kind = 'event'
    order by version`.execute(database.db);
  return rows.map(({ type }) => type);
}

async function isDone({ database: { db }, contextOf }: TestWorld): Promise<boolean> {
  const open = await db
    .selectFrom('effect')
    .select('id')
    .where('tenant_id', '=', BYSTANDER)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return open === undefined && (await contextOf(BYSTANDER)).context.debts.length === 0;
}
