import { randomUUID } from 'node:crypto';
import { exchangeCode as exchange } from '../calendly/oauth.ts';
import { clientRemoved } from '../grants/client-of-grant.ts';
import { deleteCredentials, readCredential } from '../grants/credentials.ts';
import { storeGrant } from '../grants/grant-rows.ts';
import type { EffectImplementation } from './effect.ts';
import { scopesOf, tokensToStore } from '../grants/refresh-grant.ts';

/**
 * Exchanges the code of a consent for tokens.
 * Second run: presents the code again. If the first run spent it, Calendly refuses, and the attempt has failed.
 */
export const exchangeCode: EffectImplementation<'exchangeCode'> = async (
  { db, box, clients, now },
  run,
  { attemptId, generation },
) => {
  const { tenantId } = run;
  const attempt = await db.selectFrom('consent_attempt').selectAll().where('id', '=', attemptId).executeTakeFirst();
  if (!attempt?.code_id || !attempt.code_verifier_id) {
    const problem = {
      code: 'consent_attempt_gone',
      message: 'The code of this consent is no longer stored.',
      exchangeId: null,
    };
    return { event: { type: 'code.refused', generation, problem } };
  }
  const client = clients.find(({ name }) => name === attempt.client);
  if (client === undefined)
    return { event: { type: 'code.refused', generation, problem: clientRemoved(attempt.client) } };
  const { code_id: codeId, code_verifier_id: verifierId, redirect_uri: redirectUri } = attempt;
  const code = await readCredential(db, box, codeId, { tenantId, purpose: 'authorization_code' });
  const codeVerifier = await readCredential(db, box, verifierId, { tenantId, purpose: 'code_verifier' });
  const answer = await exchange(client.oauth, run.recordAfterwards, run.trace, { code, codeVerifier, redirectUri });

  const grantId = randomUUID();
  return {
    event: async (trx) => {
      // The code is spent or refused, so code and verifier are deleted: they could only serve an attacker.
      await trx
        .updateTable('consent_attempt')
        .set({ code_id: null, code_verifier_id: null })
        .where('id', '=', attemptId)
        .execute();
      await deleteCredentials(trx, [codeId, verifierId]);
      if (answer.kind === 'failed') return { type: 'call.failed', generation, failure: answer.failure };
      if (answer.kind === 'refused') {
        const problem = { code: 'code_refused', message: answer.message, exchangeId: answer.exchangeId };
        return { type: 'code.refused', generation, problem };
      }
      const at = now();
      const tokens = tokensToStore(answer.tokens, at);
      const { owner: accountUri, organization: organizationUri } = answer.tokens;
      await storeGrant(trx, box, client, at, { id: grantId, tenantId, accountUri, organizationUri, tokens });
      return {
        type: 'token.issued',
        generation,
        grantId,
        accountUri,
        organizationUri,
        scope: scopesOf(tokens.scope),
        expiresAt: tokens.expiresAt.toISOString(),
      };
    },
  };
};
