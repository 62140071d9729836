import type { FastifyReply } from 'fastify';
import type { SandboxContext } from '../context.ts';
import type { Invitee } from '../state.ts';
import { messagePage } from './message-page.ts';
import { sendPage } from './send-page.ts';

/** The invitee that a page is about. If there is nothing left to do, a page that says so is sent instead. */
export function inviteeOf(context: SandboxContext, reply: FastifyReply, uuid: string): Invitee | null {
  const invitee = context.state.invitees.find((known) => known.uuid === uuid);
  if (invitee?.status === 'active') return invitee;
  void (invitee
    ? sendPage(reply, messagePage('Already canceled', 'This meeting is no longer on.'), 409)
    : sendPage(reply, messagePage('Nothing here', 'There is no such meeting.'), 404));
  return null;
}
