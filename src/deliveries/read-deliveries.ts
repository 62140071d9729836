import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { listDeliveries, type ListedDelivery } from './list-deliveries.ts';
import { eventOfMeeting } from '../meetings/event-of-meeting.ts';
import type { PageQuery } from '../paging/newest-first.ts';
import type { Page } from '../paging/to-page.ts';

export interface DeliveryRow extends ListedDelivery {
  meeting: { name: string | null; email: string | null; canceled: boolean; startTime: string | null } | null;
}
export type DeliveryPage = Page<DeliveryRow> & { counts: { verdict: string; count: number }[] };

/** Deliveries, newest first, each with the meeting that it is about. */
export async function readDeliveries(db: Kysely<Database>, tenantId: string, query: PageQuery): Promise<DeliveryPage> {
  const { items, nextCursor } = await listDeliveries(db, tenantId, query);
  const invitees = [...new Set(items.map((item) => item.inviteeUri).filter((uri) => uri !== null))];
  const meetings =
    invitees.length === 0
      ? []
      : await db
          .selectFrom('meeting')
          .innerJoin('scheduled_event as event', (join) => join.on(eventOfMeeting))
          .select([
            'meeting.invitee_uri',
            'meeting.account_uri',
            'meeting.name',
            'meeting.email',
            'meeting.canceled',
            'event.start_time',
            'event.status',
          ])
          .where('meeting.tenant_id', '=', tenantId)
          .where('meeting.invitee_uri', 'in', invitees)
          .execute();
  const counts = await db
    .selectFrom('delivery')
    .select(['verdict', ({ fn }) => fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenantId)
    .groupBy('verdict')
    .orderBy('verdict')
    .execute();
  return {
    nextCursor,
    counts: counts.map(({ verdict, count }) => ({ verdict, count: Number(count) })),
    items: items.map((item) => {
      const found = meetings.find(
        (each) => each.invitee_uri === item.inviteeUri && each.account_uri === item.accountUri,
      );
      return {
        ...item,
        meeting:
          found === undefined
            ? null
            : {
                name: found.name,
                email: found.email,
                canceled: found.canceled || found.status === 'canceled',
                startTime: found.start_time,
              },
      };
    }),
  };
}
