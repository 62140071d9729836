import { countWaiting, eraseInvitee, findTenantOf, type Erased } from '../../invitees/erase-invitee.ts';
import { appendRemark } from '../dispatch/append-history.ts';
import type { Cause } from '../dispatch/cause.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import type { CommandDeps } from './command-deps.ts';

export interface InviteeErasure extends Erased {
  /** How many tenants had something of the person. */
  tenants: number;
  /** How many deliveries name the person and are not applied yet. If there are any, ask again in a moment. */
  waiting: number;
}

/**
 * Erases what is stored of a person, tenant by tenant, each step in a transaction of its own. After a kill, the same call goes on. A remark
 * in each tenant's history says that it was done, and not for whom. Calendly's own data stay: as long as they are there, a back-fill can
 * bring them again.
 */
export async function eraseInviteeEverywhere(deps: CommandDeps, email: string, cause: Cause): Promise<InviteeErasure> {
  const total = { meetings: 0, deliveries: 0, exchanges: 0, hostEvents: 0 };
  const tenants = new Set<string>();
  for (;;) {
    const tenantId = await findTenantOf(deps.db, email);
    if (tenantId === null) return { ...total, tenants: tenants.size, waiting: await countWaiting(deps.db, email) };
    const erased = await inTenantTransaction(deps, tenantId, async (trx) => {
      const note = 'Erased what was kept of one invitee.';
      if (!tenants.has(tenantId)) await appendRemark(trx, { tenantId, at: deps.now(), cause, note });
      return eraseInvitee(trx, tenantId, email);
    });
    tenants.add(tenantId);
    for (const what of ['meetings', 'deliveries', 'exchanges', 'hostEvents'] as const) total[what] += erased[what];
  }
}
