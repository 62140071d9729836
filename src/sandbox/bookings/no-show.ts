import type { SandboxContext } from '../context.ts';
import { ControlError } from '../controls/control-error.ts';
import { announce } from '../deliveries/announce.ts';
import { newId } from '../new-id.ts';
import type { Invitee } from '../state.ts';

export function markNoShow(context: SandboxContext, invitee: Invitee): NonNullable<Invitee['noShow']> {
  if (invitee.noShow) throw new ControlError(409, 'The invitee is marked as a no-show already.');
  invitee.noShow = { uuid: newId(context), createdAt: context.clock.stamp() };
  touch(context, invitee);
  announce(context, 'invitee_no_show.created', invitee);
  return invitee.noShow;
}

export function unmarkNoShow(context: SandboxContext, invitee: Invitee): void {
  if (!invitee.noShow) throw new ControlError(409, 'The invitee is not marked as a no-show.');
  invitee.noShow = null;
  touch(context, invitee);
  announce(context, 'invitee_no_show.deleted', invitee);
}

/**
 * Recorded: neither the invitee's nor the event's `updated_at` changes. The switch makes it change, to test clients that must not rely on
 * it.
 */
function touch(context: SandboxContext, invitee: Invitee): void {
  if (context.switches.noShowTouchesInvitee) invitee.updatedAt = context.clock.stamp();
}
