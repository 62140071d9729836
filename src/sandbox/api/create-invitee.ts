import { book } from '../bookings/book.ts';
import { viewInvitee } from '../bookings/invitee-view.ts';
import { isTaken } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import { HttpError } from '../http-error.ts';
import { invalidArgument, notFound, permissionDenied } from './api-error.ts';
import type { ApiCall } from './api-routes.ts';
import { Validation } from './validation.ts';

/** `POST /invitees`: books without the booking page; the deliveries say `scheduling_method: "api"`. */
export function createInvitee(context: SandboxContext, { requester, request, reply }: ApiCall): object {
  const body = (request.body ?? {}) as { invitee?: unknown };
  const validation = new Validation(body);
  const eventType = validation.uri('event_type', 'event_types', { required: true });
  const startMs = validation.time('start_time', { required: true });
  if (body.invitee === undefined) validation.refuse('invitee', 'is missing');
  validation.end();
  const details = new Validation(body.invitee);
  const name = details.string('name', { required: true });
  const email = details.string('email', { required: true });
  const timezone = details.string('timezone', { required: true });
  if (email !== undefined && !email.includes('@')) details.refuse('email', 'is in invalid format');
  details.end();
  if (requester.organization.stage === 'free') throw permissionDenied('Please upgrade your Calendly account to Standard');
  const host = context.state.accounts.find((account) => account.eventType === eventType);
  if (!host) throw notFound();
  if (host.organization !== requester.account.organization) throw permissionDenied();
  if (startMs! <= context.clock.nowMs()) {
    throw invalidArgument([{ message: 'must be in the future', parameter: 'event.start_time' }]);
  }
  if (isTaken(context, host.uuid, startMs!)) throw alreadyFilled();
  const invitee = book(context, {
    account: host.uuid,
    name: name!,
    email: email!,
    timezone: timezone!,
    startTime: new Date(startMs!),
    schedulingMethod: 'api',
    scheduledBy: requester.account.uuid,
  });
  context.save();
  context.wakeDeliveries();
  reply.code(201);
  return { resource: viewInvitee(context, invitee) };
}

/** The one detail with a `code` that was ever seen. */
function alreadyFilled(): HttpError {
  const { body } = invalidArgument([]);
  const detail = { code: 'already_filled', message: 'That start time has been filled', parameter: 'event.start_time' };
  return new HttpError(400, { ...(body as object), details: [detail] });
}
