import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';
import { findByConfirmation, spendConfirmation } from '../../grants/consent-attempts.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { acceptedCommands, readSnapshot } from '../reads/accepted-commands.ts';
import { connectionOf } from '../reads/connection-of.ts';
import type { ConnectionView } from '../reads/view-connection.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { isAnswered, waitUntil } from './wait-until.ts';

/** The host names the account that it means; the callback's page has a secret that is bound to the attempt and works once. */
export type AccountConfirmation =
  | { tenantId: string; accountUri: string; /** The name of its API key. */ key: string }
  | { confirmation: string };

class NotExpected extends Error {}

/**
 * Answers the question about another account, and waits for the outcome. The answer counts only for the account that the person saw: throws
 * `account_changed` if another one is pending. Returns undefined if the page's secret is forged, used or replaced. In both cases nothing
 * has changed.
 */
export async function confirmAccount(
  deps: CommandDeps,
  answer: AccountConfirmation,
  accept: boolean,
  waitSeconds: number,
): Promise<ConnectionView | undefined> {
  assertMayAct(deps);
  const type = accept ? 'account.confirmed' : 'account.declined';
  const tenantId = 'tenantId' in answer ? answer.tenantId : await tenantOf(deps, answer.confirmation);
  if (tenantId === undefined) return undefined;
  const version = await inTenantTransaction(deps, tenantId, async (trx) => {
    const dispatched =
      'tenantId' in answer
        ? await dispatch(
            trx,
            deps,
            tenantId,
            async () => {
              if (accept) await assertNotAsked(trx, tenantId, deps.now());
              return { type, accountUri: answer.accountUri };
            },
            { kind: 'route', route: 'confirm-account', key: answer.key },
          )
        : await dispatch(
            trx,
            deps,
            tenantId,
            async () => {
              const attempt = await findByConfirmation(trx, answer.confirmation);
              const { attempt: current, pendingAccount } = (await readSnapshot(trx, tenantId))!.snapshot.context;
              if (attempt === undefined || attempt.id !== current?.id || pendingAccount === null)
                throw new NotExpected();
              await spendConfirmation(trx, attempt.id);
              return { type, accountUri: pendingAccount.uri };
            },
            { kind: 'route', route: 'oauth/confirm-account' },
          );
    if (!dispatched.accepted && 'confirmation' in answer) throw new NotExpected();
    return dispatched.accepted ? dispatched.version : null;
  }).catch((error: unknown) => {
    if (error instanceof NotExpected) return undefined;
    throw error;
  });
  if (version === undefined) return undefined;
  if (version === null) throw new ProblemError('account_changed');
  await waitUntil(deps.changes, tenantId, waitSeconds, () => isAnswered(deps.db, tenantId, version));
  return connectionOf(deps, tenantId);
}

/** The tenant is looked up without a lock, because the connection's row is always locked before the attempt's. */
function tenantOf({ db }: { db: Kysely<Database> }, confirmation: string): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => (await findByConfirmation(trx, confirmation))?.tenant_id);
}

/** Whoever signed in at Calendly is asked on the page that they have open. A yes of anybody else would be worth nothing. */
async function assertNotAsked(trx: Transaction<Database>, tenantId: string, now: Date): Promise<void> {
  const stored = await readSnapshot(trx, tenantId);
  if (stored?.snapshot.context.attempt?.asksAccount !== true) return;
  throw new ProblemError('event_not_accepted', 'The person who signed in to Calendly says yes, on the page there.', {
    extensions: { acceptedEvents: acceptedCommands(stored.snapshot, now) },
  });
}
