import type { Kysely } from 'kysely';
import { findByConfirmation, spendConfirmation } from '../../grants/consent-attempts.ts';
import type { Database } from '../../db/database.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import type { DispatchDeps } from '../dispatch/dispatch-deps.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';

class NotExpected extends Error {}

/**
 * Takes a button of the callback's own page. It answers for the attempt that the page was made for and for no other: an old
 * page must not accept an account that its reader never saw. `undefined`: forged, used or overtaken; nothing has changed.
 */
export async function confirmAccount(
  deps: DispatchDeps & { db: Kysely<Database> },
  confirmation: string,
  accept: boolean,
): Promise<{ tenantId: string; version: number } | undefined> {
  const { db } = deps;
  // Looked up first without a lock: the connection's row is always locked before the attempt's.
  const tenantId = await db
    .transaction()
    .execute(async (trx) => (await findByConfirmation(trx, confirmation))?.tenant_id);
  if (tenantId === undefined) return undefined;
  try {
    return await inTenantTransaction(deps, tenantId, async (trx) => {
      const { accepted, version } = await dispatch(
        trx,
        deps,
        tenantId,
        async () => {
          const attempt = await findByConfirmation(trx, confirmation);
          const { attempt: current, pendingAccount } = (await readSnapshot(trx, tenantId))!.snapshot.context;
          if (attempt === undefined || attempt.id !== current?.id || pendingAccount === null) throw new NotExpected();
          await spendConfirmation(trx, attempt.id);
          return { type: accept ? 'account.confirmed' : 'account.declined', accountUri: pendingAccount.uri };
        },
        { kind: 'route', route: 'oauth/confirm-account' },
      );
      if (!accepted) throw new NotExpected();
      return { tenantId, version };
    });
  } catch (error) {
    if (error instanceof NotExpected) return undefined;
    throw error;
  }
}
