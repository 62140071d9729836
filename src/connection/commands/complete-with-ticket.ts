import { ProblemError } from '../../errors.ts';
import { findByTicket, spendTicket } from '../../grants/consent-attempts.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { consentOutcome, type ConsentResult } from './consent-outcome.ts';

/**
 * The host says that the person with this ticket is the one who asked. Only now the code is exchanged; waits for the outcome. Throws
 * `ticket_invalid` if the ticket is forged, used, expired, replaced or another tenant's; nothing has changed then.
 */
export async function completeWithTicket(
  deps: CommandDeps,
  { tenantId, ticket, waitSeconds, cause }: { tenantId: string; ticket: string; waitSeconds: number; cause: Cause },
): Promise<ConsentResult> {
  assertMayAct(deps);
  const { attemptId, version } = await inTenantTransaction(deps, tenantId, async (trx) => {
    let found: string | undefined;
    const { accepted, version: told } = await dispatch(
      trx,
      deps,
      tenantId,
      async () => {
        const attempt = await findByTicket(trx, tenantId, ticket, deps.now());
        if (attempt === undefined) throw new ProblemError('ticket_invalid');
        await spendTicket(trx, attempt.id);
        found = attempt.id;
        return { type: 'consent.granted', attemptId: attempt.id };
      },
      cause,
    );
    if (!accepted || found === undefined) throw new ProblemError('ticket_invalid');
    return { attemptId: found, version: told };
  });
  const outcome = await consentOutcome(deps, { tenantId, attemptId, version }, waitSeconds);
  if (outcome === undefined) throw new ProblemError('tenant_unknown');
  return outcome;
}
