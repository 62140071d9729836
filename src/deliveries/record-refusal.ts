import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Refusal } from './verdict.ts';

/** Anybody who knows the URL can send to it. So the record has no body, and the number of rows a minute is limited. */
const MAX_RECORDED_PER_MINUTE = 30;

export async function recordRefusal(
  db: Kysely<Database>,
  refused: { subscriptionId: string; refusal: Refusal; bodyBytes: number; receivedAt: Date },
): Promise<void> {
  const { subscriptionId, receivedAt } = refused;
  const minuteAgo = new Date(receivedAt.getTime() - 60_000);
  await sql`
    insert into delivery (tenant_id, account_uri, subscription_id, received_at, verdict, body_bytes)
    select tenant_id, account_uri, id, ${receivedAt}, ${`refused:${refused.refusal}`}, ${refused.bodyBytes}
    from subscription
    where id = ${subscriptionId} and ${MAX_RECORDED_PER_MINUTE} > (
      select count(*) from delivery
      where subscription_id = ${subscriptionId} and received_at > ${minuteAgo} and verdict like 'refused:%'
    )`.execute(db);
}
