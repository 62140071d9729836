import { Type, type Static } from 'typebox';
import { ProblemError } from '../../errors.ts';
import { HOST_EVENT_TYPES, type HostEventType } from '../../host-events/host-event.ts';
import { HOST_EVENT_STATUSES, listHostEvents } from '../../host-events/list-host-events.ts';
import { feedEnd, readFeed, type FeedPage } from '../../host-events/read-feed.ts';
import { resendEvents } from '../../host-events/resend-events.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct } from '../../connection/commands/assert-may-act.ts';
import { decodeCursor, encodeCursor } from '../../paging/cursor.ts';
import type { HttpDeps } from '../http-deps.ts';
import { TenantId } from '../../web/tenant-params.ts';
import { EventsPage, OutgoingEventsPage } from '../event-schemas.ts';
import { failures, ListQuery } from '../schemas.ts';
import { streamEvents } from '../stream-events.ts';

const types = `(${HOST_EVENT_TYPES.map((type) => type.replace('.', '\\.')).join('|')})`;
const filter = {
  tenantId: Type.Optional(TenantId),
  types: Type.Optional(
    Type.String({
      pattern: `^${types}(,${types})*$`,
      description: `Separated by commas: ${HOST_EVENT_TYPES.join(', ')}`,
    }),
  ),
  after: Type.Optional(
    Type.String({
      minLength: 1,
      description: '`nextCursor` of the last answer; `latest`: only events from now on. Unset: from the oldest event',
    }),
  ),
};
const FeedQuery = Type.Object({ ...filter, limit: ListQuery.properties.limit }, { additionalProperties: false });
const StreamQuery = Type.Object(filter, { additionalProperties: false });
const OutgoingQuery = Type.Object(
  {
    ...ListQuery.properties,
    tenantId: filter.tenantId,
    status: Type.Optional(Type.Enum([...HOST_EVENT_STATUSES])),
  },
  { additionalProperties: false },
);
const Resent = Type.Object({ resent: Type.Integer() }, { title: 'Resent' });
const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Events for the host: read from the feed, received as a stream, or sent again. */
export function hostEventRoutes(app: App, deps: HttpDeps): void {
  const { db, now, hostEvents } = deps;
  const closing = new AbortController();
  // An open stream would keep the application from closing.
  app.addHook('preClose', async () => closing.abort());
  const placeOf = (after: string): Promise<number> | number =>
    after === 'latest' ? feedEnd(db) : decodeCursor(Position, after);
  const read = (after: number | null, limit: number, query: Static<typeof StreamQuery>): Promise<FeedPage> =>
    readFeed(db, after, limit, {
      tenantId: query.tenantId,
      types: query.types?.split(',') as HostEventType[] | undefined,
    });

  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'listEvents',
        tags: ['Events'],
        summary: 'Events, oldest first, after a cursor',
        querystring: FeedQuery,
        response: { 200: EventsPage, ...failures },
      },
    },
    async ({ query }) => {
      const { items, through, hasMore } = await read(
        query.after === undefined ? null : await placeOf(query.after),
        query.limit,
        query,
      );
      return { items: items.map(({ event }) => event), nextCursor: encodeCursor(through), hasMore };
    },
  );

  app.get(
    '/v1/events/stream',
    {
      // A HEAD request would wait for an end that does not come.
      exposeHeadRoute: false,
      config: { isStream: true },
      schema: {
        operationId: 'streamEvents',
        tags: ['Events'],
        summary: 'New events as a stream (server-sent events)',
        querystring: StreamQuery,
      },
    },
    async (request, reply) => {
      const { query, headers } = request;
      const lastSeen = headers['last-event-id'];
      const after = await placeOf(
        typeof lastSeen === 'string' && lastSeen !== '' ? lastSeen : (query.after ?? 'latest'),
      );
      // Read once before the headers are sent, so that a lost place can be answered with its own status.
      await read(after, 1, query);
      reply.hijack();
      await streamEvents(reply.raw, after, {
        read: (place, limit) => read(place, limit, query),
        grown: hostEvents.grown,
        closing: closing.signal,
        onError: (error) => request.log.warn({ err: error }, 'a stream of events broke'),
      });
    },
  );

  app.get(
    '/v1/events/outgoing',
    {
      schema: {
        operationId: 'listOutgoingEvents',
        tags: ['Events'],
        summary: 'Events, and whether they were sent',
        querystring: OutgoingQuery,
        response: { 200: OutgoingEventsPage, ...failures },
      },
    },
    ({ query }) => listHostEvents(db, query),
  );

  const assertSending = () => {
    assertMayAct(deps);
    if (!hostEvents.sending) throw new ProblemError('events_not_sent', 'Set EVENTS_URL if events shall be sent.');
  };
  app.post(
    '/v1/events/:eventId/resend',
    {
      schema: {
        operationId: 'resendEvent',
        tags: ['Events'],
        summary: 'Send one event again',
        params: Type.Object({ eventId: Type.String({ format: 'uuid' }) }),
        response: { 202: Resent, ...failures },
      },
    },
    async ({ params }, reply) => {
      assertSending();
      const resent = await resendEvents(db, { id: params.eventId }, now());
      if (resent === 0) throw new ProblemError('not_found', 'This event does not exist, or was deleted.');
      return reply.code(202).send({ resent });
    },
  );
  app.post(
    '/v1/events/resend-parked',
    {
      schema: {
        operationId: 'resendParkedEvents',
        tags: ['Events'],
        summary: 'Send all parked events again',
        querystring: Type.Object({ tenantId: filter.tenantId }, { additionalProperties: false }),
        response: { 202: Resent, ...failures },
      },
    },
    async ({ query }, reply) => {
      assertSending();
      return reply.code(202).send({ resent: await resendEvents(db, { tenantId: query.tenantId }, now()) });
    },
  );
}
