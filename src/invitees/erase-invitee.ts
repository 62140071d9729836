import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { eventKey, lockEvents } from '../meetings/event-locks.ts';
import { blankPerson } from './blank-person.ts';

export interface Erased {
  meetings: number;
  deliveries: number;
  exchanges: number;
  hostEvents: number;
}

/** How many meetings one transaction erases. */
const BATCH = 200;

/** A tenant that has meetings of this person, or null. */
export async function findTenantOf(db: Kysely<Database>, email: string): Promise<string | null> {
  const row = await db
    .selectFrom('meeting')
    .select('tenant_id')
    .where(ofPerson(email))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.tenant_id ?? null;
}

/** Counts deliveries that name this person and are not applied yet, in all tenants. They would bring the meeting back. */
export async function countWaiting(db: Kysely<Database>, email: string): Promise<number> {
  const { count } = await db
    .selectFrom('delivery')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('verdict', '=', 'received')
    .where(names(sql`encode(body, 'escape')`, email))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Erases what is stored of a person in one tenant, a batch of meetings at a time. The meetings are deleted. Deliveries and exchanges keep
 * their rows without their bodies. Events to the host, sent or not, lose the person's data.
 */
export async function eraseInvitee(trx: Transaction<Database>, tenantId: string, email: string): Promise<Erased> {
  const meetings = await trx
    .selectFrom('meeting')
    .select(['id', 'account_uri', 'event_uri', 'invitee_uri'])
    .where('tenant_id', '=', tenantId)
    .where(ofPerson(email))
    .limit(BATCH)
    .execute();
  if (meetings.length === 0) return { meetings: 0, deliveries: 0, exchanges: 0, hostEvents: 0 };
  const keyOf = (row: { account_uri: string; event_uri: string }) =>
    eventKey({ tenantId, accountUri: row.account_uri }, row.event_uri);
  await lockEvents(trx, meetings.map(keyOf));
  const uris = meetings.map((row) => row.invitee_uri);
  const ids = meetings.map((row) => row.id);

  const deliveries = await trx
    .updateTable('delivery')
    .set({ body: null })
    .where('tenant_id', '=', tenantId)
    .where('verdict', '!=', 'received')
    .where('body', 'is not', null)
    .where(({ eb, or }) => or([eb('invitee_uri', 'in', uris), names(sql`encode(body, 'escape')`, email)]))
    .executeTakeFirst();
  const exchanges = await trx
    .updateTable('exchange')
    .set({ body: JSON.stringify('[erased]') })
    .where('tenant_id', '=', tenantId)
    .where('body', 'is not', null)
    .where(names(sql`body::text`, email))
    .executeTakeFirst();
  const hostEvents = await blankHostEvents(trx, tenantId, uris);
  await trx.deleteFrom('host_event_half').where('meeting_id', 'in', ids).execute();
  await trx.deleteFrom('meeting').where('id', 'in', ids).execute();
  // The place of a call can be the person's own telephone number. If the event has other invitees, it is kept, because it belongs to them,
  // too.
  await trx
    .deleteFrom('scheduled_event')
    .where('tenant_id', '=', tenantId)
    .where('uri', 'in', [...new Set(meetings.map((row) => row.event_uri))])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('meeting')
            .select('id')
            .whereRef('meeting.tenant_id', '=', 'scheduled_event.tenant_id')
            .whereRef('meeting.account_uri', '=', 'scheduled_event.account_uri')
            .whereRef('meeting.event_uri', '=', 'scheduled_event.uri'),
        ),
      ),
    )
    .execute();
  return {
    meetings: meetings.length,
    deliveries: Number(deliveries.numUpdatedRows),
    exchanges: Number(exchanges.numUpdatedRows),
    hostEvents,
  };
}

const ofPerson = (email: string) => sql<boolean>`lower(email) = lower(${email})`;

/** True if this text contains the address, in any spelling of its letters. */
const names = (text: ReturnType<typeof sql>, email: string) =>
  sql<boolean>`position(lower(${email}) in lower(${text})) > 0`;

async function blankHostEvents(trx: Transaction<Database>, tenantId: string, uris: string[]): Promise<number> {
  const rows = await trx
    .selectFrom('host_event')
    .select(['id', 'body'])
    .where('tenant_id', '=', tenantId)
    .where(
      sql<boolean>`(body->'data'->>'inviteeUri' = any(${uris}) or body->'data'->'previous'->>'inviteeUri' = any(${uris}))`,
    )
    .execute();
  for (const { id, body } of rows)
    await trx
      .updateTable('host_event')
      .set({ body: JSON.stringify(blankPerson(body)) })
      .where('id', '=', id)
      .execute();
  return rows.length;
}
