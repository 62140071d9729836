import type { FastifyRequest } from 'fastify';
import { ControlError } from '../controls/control-error.ts';

/** The JSON object of the request. The control that takes it checks its content. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- short for a cast, which the control's own check makes true
export function readBody<Body extends object>(request: FastifyRequest): Body {
  if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body)) {
    throw new ControlError(400, 'Send a JSON object.');
  }
  return request.body as Body;
}
