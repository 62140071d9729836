import type { Command } from '../../../machines/connection/index.ts';
import { ProblemError } from '../../errors.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { acceptedCommands } from '../reads/accepted-commands.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';

export type OperatorCommandName = 'refresh' | 'resync' | 'retry';

/** Sends an operator's command without waiting for its outcome. Throws `event_not_accepted` with the commands that would be accepted. */
export async function operate(
  deps: CommandDeps,
  tenantId: string,
  name: OperatorCommandName,
  cause: Cause,
): Promise<void> {
  assertMayAct(deps);
  const command: Command =
    name === 'retry' ? { type: name, recentMs: deps.refreshRecentSeconds * 1000 } : { type: name };
  const { accepted, after } = await inTenantTransaction(deps, tenantId, (trx) =>
    dispatch(trx, deps, tenantId, command, cause),
  );
  if (accepted) return;
  const acceptedEvents = acceptedCommands(after, deps.now());
  throw new ProblemError(
    'event_not_accepted',
    `${name} is not accepted in the present state. It accepts ${acceptedEvents.join(', ')}.`,
    { extensions: { acceptedEvents } },
  );
}
