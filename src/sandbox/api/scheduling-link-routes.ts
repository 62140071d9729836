import { randomBytes } from 'node:crypto';
import type { SandboxContext } from '../context.ts';
import { uriOf } from '../uris.ts';
import type { ApiRoutes } from './api-routes.ts';
import { ownerOfEventType } from './event-type-routes.ts';
import { Validation } from './validation.ts';

/** Links to a booking page that can be used for one booking. */
export function schedulingLinkRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.post('/scheduling_links', ['scheduling_links:write'], ({ requester, request, reply }) => {
    const body = (request.body ?? {}) as { max_event_count?: unknown };
    const validation = new Validation(body);
    if (body.max_event_count === undefined) validation.refuse('max_event_count', 'is missing');
    else if (body.max_event_count !== 1) validation.refuse('max_event_count', 'must be one of: 1');
    const eventType = validation.uri('owner', 'event_types', { required: true });
    validation.choice('owner_type', ['EventType'], { required: true });
    validation.end();
    const owner = ownerOfEventType(context, requester, eventType!);
    const id = randomBytes(6).toString('hex').replace(/^.{4}/, '$&-').slice(0, 9);
    context.state.schedulingLinks.push({ id, host: owner.uuid, usedAt: null });
    context.save();
    return reply.code(201).send({
      resource: {
        booking_url: `${context.publicUrl}/d/${id}/30min`,
        owner: uriOf(context, 'event_types', owner.eventType),
        owner_type: 'EventType',
      },
    });
  });
}
