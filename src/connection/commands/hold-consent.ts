import { consumeAttempt, findAttempt, offerTicket } from '../../grants/consent-attempts.ts';
import { appendRemark } from '../dispatch/append-history.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { lockConnection } from '../dispatch/lock-connection.ts';
import { statePath } from '../dispatch/snapshot.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import type { CommandDeps } from './command-deps.ts';

/**
 * Stores the code of a consent without spending it, and makes a ticket for it. The machine is told only when the host's own session sends
 * the ticket. Returns undefined if the state is forged, used, expired or replaced.
 */
export async function holdConsent(
  deps: CommandDeps,
  tenantId: string,
  { state, code }: { state: string; code: string },
): Promise<string | undefined> {
  const { box, now } = deps;
  return inTenantTransaction(deps, tenantId, async (trx) => {
    await lockConnection(trx, tenantId);
    const attempt = await findAttempt(trx, state, now());
    const stored = await readSnapshot(trx, tenantId);
    if (attempt === undefined || stored === undefined) return undefined;
    const { value, context } = stored.snapshot;
    if (context.attempt?.id !== attempt.id || statePath(value) !== 'authorizing.awaitingConsent') return undefined;
    await consumeAttempt(trx, box, attempt, { code, now: now() });
    await appendRemark(trx, {
      tenantId,
      at: now(),
      cause: { kind: 'route', route: 'oauth/callback' },
      note: 'consent given; the host has 5 minutes to complete it',
    });
    return offerTicket(trx, attempt.id, now());
  });
}
