import { sql, type Kysely } from 'kysely';
import Type from 'typebox';
import type { Database } from '../db/database.ts';
import { eventColumn, eventOfMeeting } from '../meetings/event-of-meeting.ts';
import { showMeeting, type Meeting } from '../meetings/meeting.ts';
import { eventState, meetingState } from '../meetings/rows.ts';
import { decodeCursor } from '../paging/cursor.ts';
import { toPage, type Page } from '../paging/to-page.ts';

/** One meeting of a person, with everything that is stored about it. */
export type InviteeRecord = {
  tenantId: string;
  accountUri: string;
  meeting: Meeting;
  /** As Calendly sent them, oldest first. `body` is null if it is not stored, or is no JSON. */
  deliveries: { id: number; receivedAt: string; event: string | null; body: unknown }[];
  /** The events that the host got or will get. */
  hostEvents: { id: string; type: string; recordedAt: string; body: unknown }[];
};

const Position = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
/** For one meeting. Calendly repeats a delivery for a day at most. */
const MOST_OF_EACH = 200;

/** The meetings of the person with this address, in any spelling of its letters, in all tenants. */
export async function exportInvitee(
  db: Kysely<Database>,
  { email, limit, cursor }: { email: string; limit: number; cursor?: string | undefined },
): Promise<Page<InviteeRecord>> {
  let query = db
    .selectFrom('meeting')
    .selectAll('meeting')
    .innerJoin('scheduled_event as event', (join) => join.on(eventOfMeeting))
    .select(eventColumn)
    .where(sql<boolean>`lower(meeting.email) = lower(${email})`);
  if (cursor !== undefined) query = query.where('meeting.id', '>', decodeCursor(Position, cursor));
  const rows = await query
    .orderBy('meeting.id')
    .limit(limit + 1)
    .execute();
  const page = toPage(
    rows,
    limit,
    (row) => row,
    (row) => row.id,
  );
  return {
    ...page,
    items: await Promise.all(
      page.items.map(async (row) => ({
        tenantId: row.tenant_id,
        accountUri: row.account_uri,
        meeting: showMeeting(row.id, eventState(row.event), meetingState(row)),
        deliveries: await readDeliveries(db, row.tenant_id, row.invitee_uri),
        hostEvents: await readHostEvents(db, row.tenant_id, row.invitee_uri),
      })),
    ),
  };
}

async function readDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  inviteeUri: string,
): Promise<InviteeRecord['deliveries']> {
  const rows = await db
    .selectFrom('delivery')
    .select(['id', 'received_at', 'event', 'body'])
    .where('tenant_id', '=', tenantId)
    .where('invitee_uri', '=', inviteeUri)
    .orderBy('id')
    .limit(MOST_OF_EACH)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    receivedAt: row.received_at.toISOString(),
    event: row.event,
    body: parse(row.body),
  }));
}

async function readHostEvents(
  db: Kysely<Database>,
  tenantId: string,
  inviteeUri: string,
): Promise<InviteeRecord['hostEvents']> {
  const rows = await db
    .selectFrom('host_event')
    .select(['id', 'type', 'recorded_at', 'body'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`body->'data'->>'inviteeUri' = ${inviteeUri}`)
    .orderBy('seq')
    .limit(MOST_OF_EACH)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    recordedAt: row.recorded_at.toISOString(),
    body: row.body,
  }));
}

function parse(body: Buffer | null): unknown {
  if (body === null) return null;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
