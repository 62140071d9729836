import { Type, type Static } from 'typebox';
import { appendRemark } from '../../connection/dispatch/append-history.ts';
import { ProblemError } from '../../errors.ts';
import {
  HOST_EVENT_STATUSES,
  listHeldHalves,
  listHostEvents,
  type HeldHalf,
  readHostEvent,
} from '../../host-events/list-host-events.ts';
import { resendEvents } from '../../host-events/resend-events.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct } from '../../connection/commands/assert-may-act.ts';
import type { Html } from '../../html/html.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { eventsPage } from '../pages/events-page.ts';
import type { PageContext } from '../pages/page-context.ts';
import { resendPage } from '../pages/resend-page.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { tenantFrame } from '../pages/tenant-frame.ts';
import { liveLink, tenantLink } from '../pages/tenant-link.ts';
import { countOutgoing } from '../../host-events/count-outgoing.ts';
import { readMark } from '../../connection/reads/read-mark.ts';
import { readTenant } from '../../connection/reads/read-tenant.ts';
import { contextOf } from '../request-session.ts';

const LIMIT = 50;
const Query = Type.Object({
  cursor: Type.Optional(Type.String({ minLength: 1 })),
  status: Type.Optional(Type.Enum([...HOST_EVENT_STATUSES])),
});
const EventParams = Type.Object({ ...TenantParams.properties, eventId: Type.String({ format: 'uuid' }) });
const Form = Type.Object({ formToken: Type.String() }, { additionalProperties: true });

/** Events to the host: those of one tenant, those of all, and sending one again. */
export function eventRoutes(app: App, deps: InspectorDeps): void {
  const { db } = deps;
  const { sending } = deps.hostEvents;
  const list = async (
    context: PageContext,
    { status, cursor }: Static<typeof Query>,
    at: { tenantId?: string; halves: HeldHalf[] | null; path: string },
  ): Promise<Html> =>
    eventsPage(context, {
      page: await listHostEvents(db, { tenantId: at.tenantId, status, cursor, limit: LIMIT }),
      counts: await countOutgoing(db, at.tenantId),
      status,
      sending,
      halves: at.halves,
      link: (search) =>
        `${at.path}${Object.keys(search).length === 0 ? '' : `?${new URLSearchParams(search).toString()}`}`,
    });

  app.get('/inspector/events', { schema: { hide: true, querystring: Query } }, async (request, reply) => {
    const context = contextOf(request);
    const body = await list(context, request.query, { halves: null, path: `${context.base}/events` });
    return sendInspectorPage(reply, context, { title: 'Events to the host', live: `${context.base}/live`, body });
  });

  app.get(
    '/inspector/tenants/:tenantId/events',
    { schema: { hide: true, params: TenantParams, querystring: Query } },
    async (request, reply) => {
      const context = contextOf(request);
      const { tenantId } = request.params;
      const seen = await readMark(db, tenantId);
      const tenant = await readTenant(db, tenantId, context);
      const at = {
        tenantId,
        halves: await listHeldHalves(db, tenantId),
        path: tenantLink(context, tenantId, 'events'),
      };
      const body = tenantFrame(context, tenant, 'events', await list(context, request.query, at));
      return sendInspectorPage(reply, context, {
        title: `events, ${tenantId}`,
        live: liveLink(context, tenantId, seen),
        body,
      });
    },
  );

  app.get(
    '/inspector/tenants/:tenantId/events/:eventId/resend',
    { schema: { hide: true, params: EventParams } },
    async (request, reply) => {
      const context = contextOf(request);
      const { tenantId, eventId } = request.params;
      const tenant = await readTenant(db, tenantId, context);
      const page = resendPage(context, await readHostEvent(db, tenantId, eventId), { sending });
      return sendInspectorPage(reply, context, {
        title: `Send again, ${tenantId}`,
        body: tenantFrame(context, tenant, 'events', page),
      });
    },
  );

  app.post(
    '/inspector/tenants/:tenantId/events/:eventId/resend',
    { schema: { hide: true, params: EventParams, body: Form } },
    async (request, reply) => {
      assertMayAct(deps);
      if (!sending) throw new ProblemError('events_not_sent', 'Set EVENTS_URL if events shall be sent.');
      const context = contextOf(request);
      const { tenantId, eventId } = request.params;
      const { event } = await readHostEvent(db, tenantId, eventId);
      if ((await resendEvents(db, { id: eventId, tenantId }, deps.now())) === 0)
        throw new ProblemError('not_found', 'The event is not in the feed yet, or was deleted.');
      await db.transaction().execute((trx) =>
        appendRemark(trx, {
          tenantId,
          at: deps.now(),
          cause: { kind: 'operator', name: context.session.operator, route: 'resend' },
          note: `Had the event ${event.type} ${eventId} sent again.`,
        }),
      );
      return reply.redirect(tenantLink(context, tenantId, 'events'), 303);
    },
  );
}
