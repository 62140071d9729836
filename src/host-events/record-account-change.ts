import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendHostEvent } from './append-host-event.ts';
import type { AccountData } from './host-event.ts';
import { connectionLane, lockLanes } from './lanes.ts';

/** Counting stops here, because the transaction keeps the connection's row locked meanwhile. */
const MOST_COUNTED = 10_000;

/** Tells the host that the tenant has another account now, in the transaction that accepted it. */
export async function recordAccountChange(
  trx: Transaction<Database>,
  {
    tenantId,
    version,
    at,
    former,
    current,
  }: { tenantId: string; version: number; at: Date; former: string; current: AccountData['account'] },
): Promise<void> {
  const data: AccountData = {
    account: current,
    previousAccount: { uri: former },
    meetingsHidden: await countMeetings(trx, tenantId, former),
    meetingsShown: await countMeetings(trx, tenantId, current.uri),
    version,
  };
  const lanes = [connectionLane(tenantId)];
  await lockLanes(trx, lanes);
  await appendHostEvent(trx, { type: 'connection.account_changed', at, tenantId, lanes, data });
}

async function countMeetings(trx: Transaction<Database>, tenantId: string, accountUri: string): Promise<number> {
  const {
    rows: [row],
  } = await sql<{ count: number }>`select count(*) as count from (select from meeting
    where tenant_id = ${tenantId} and account_uri = ${accountUri} limit ${MOST_COUNTED}) counted`.execute(trx);
  return row!.count;
}
