import { book } from '../bookings/book.ts';
import { viewInvitee } from '../bookings/invitee-view.ts';
import { isTaken } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import { HttpError } from '../http-error.ts';
import { invalidArgument, notFound, permissionDenied } from './api-error.ts';
import type { ApiCall } from './api-routes.ts';
import type { InviteeCreationLimits } from './invitee-creation-limits.ts';
import { Validation } from './validation.ts';

/**
 * `POST /invitees`: books without the booking page, on every plan. The deliveries say `scheduling_method: "api"`. The answer was recorded:
 * unlike all others, the resource has the invitee inside.
 */
export function createInvitee(
  context: SandboxContext,
  limits: InviteeCreationLimits,
  { requester, request, reply }: ApiCall,
): object {
  limits.count(context, requester.account.uuid, requester.organization.stage);
  const body = (request.body ?? {}) as { invitee?: unknown };
  const validation = new Validation(body);
  const eventType = validation.uri('event_type', 'event_types', { required: true });
  const startMs = validation.time('start_time', { required: true });
  if (body.invitee === undefined) validation.refuse('invitee', 'is missing');
  validation.end();
  const details = new Validation(body.invitee);
  const firstName = details.string('first_name');
  const lastName = details.string('last_name');
  const name = details.string('name', { required: firstName === undefined });
  const email = details.string('email', { required: true });
  const timezone = details.string('timezone', { required: true });
  if (email !== undefined && !email.includes('@')) details.refuse('email', 'is in invalid format');
  details.end();
  const host = context.state.accounts.find((account) => account.eventType === eventType);
  if (!host) throw notFound();
  if (host.organization !== requester.account.organization) throw permissionDenied();
  if (startMs! <= context.clock.nowMs()) {
    throw invalidArgument([{ message: 'must be in the future', parameter: 'event.start_time' }]);
  }
  if (isTaken(context, host.uuid, startMs!)) throw alreadyFilled();
  const invitee = book(context, {
    account: host.uuid,
    name: name ?? [firstName, lastName].filter(Boolean).join(' '),
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    email: email!,
    timezone: timezone!,
    startTime: new Date(startMs!),
    schedulingMethod: 'api',
    scheduledBy: requester.account.uuid,
  });
  context.save();
  context.wakeDeliveries();
  reply.code(201);
  return { resource: { invitee: viewInvitee(context, invitee) } };
}

/** The only detail with a `code` that was ever seen. */
function alreadyFilled(): HttpError {
  const { body } = invalidArgument([]);
  const detail = { code: 'already_filled', message: 'That start time has been filled', parameter: 'event.start_time' };
  return new HttpError(400, { ...(body as object), details: [detail] });
}
