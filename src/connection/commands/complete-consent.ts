import type { Kysely } from 'kysely';
import { consumeAttempt, findAttempt, type ConsentAttemptRow } from '../../grants/consent-attempts.ts';
import type { Database } from '../../db/database.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import type { DispatchDeps } from '../dispatch/dispatch-deps.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';

export type ConsentAnswer = { state: string } & ({ code: string } | { error: string });

class NotExpected extends Error {}

/**
 * Takes the browser's answer from Calendly's consent page: consumes the one-time attempt and tells the machine.
 * `undefined`: the state is forged, used, expired or replaced, and nothing has changed.
 */
export async function completeConsent(
  deps: DispatchDeps & { db: Kysely<Database> },
  answer: ConsentAnswer,
): Promise<{ attempt: ConsentAttemptRow; version: number } | undefined> {
  const { db, box, now } = deps;
  // The tenant is looked up first without a lock: the connection's row is always locked before the attempt's.
  const tenantId = await db
    .transaction()
    .execute(async (trx) => (await findAttempt(trx, answer.state, now()))?.tenant_id);
  if (tenantId === undefined) return undefined;
  try {
    return await inTenantTransaction(deps, tenantId, async (trx) => {
      let attempt: ConsentAttemptRow | undefined;
      const { accepted, version } = await dispatch(
        trx,
        deps,
        tenantId,
        async () => {
          attempt = await findAttempt(trx, answer.state, now());
          if (attempt === undefined) throw new NotExpected();
          await consumeAttempt(trx, box, attempt, { code: 'code' in answer ? answer.code : null, now: now() });
          if ('code' in answer) return { type: 'consent.granted', attemptId: attempt.id };
          return {
            type: 'consent.denied',
            attemptId: attempt.id,
            problem: {
              code: answer.error === 'access_denied' ? 'consent_denied' : 'consent_failed',
              message:
                answer.error === 'access_denied'
                  ? 'The person did not allow the connection.'
                  : 'Calendly ended the consent with an error.',
              exchangeId: null,
            },
          };
        },
        { kind: 'route', route: 'oauth/callback' },
      );
      if (!accepted || attempt === undefined) throw new NotExpected();
      return { attempt, version };
    });
  } catch (error) {
    if (error instanceof NotExpected) return undefined;
    throw error;
  }
}
