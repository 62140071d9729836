import { randomUUID } from 'node:crypto';
import type { Failure, Refusal } from '../../machines/connection/index.ts';
import type { CalendlyClient } from '../calendly/client.ts';
import { refreshTokens, type IssuedTokens } from '../calendly/oauth.ts';
import { readGrant, replaceTokens, storeGrant, type GrantRow, type GrantTokens } from './grant-rows.ts';
import { closeIntent, countFailedRefresh, intendRefresh, noteFailedRefresh } from './refresh-intents.ts';
import type { GrantDeps, GrantRun, Produce } from './grant-run.ts';

/** A call has to leave within this time after its intent was committed. A process that was frozen in between gives it up. */
const MOST_AGE_OF_INTENT_MS = 5_000;
/** How long to wait before looking again at a refresh that another process is doing. */
const BUSY_RECHECK_MS = 1_000;

export type Refreshed =
  /** `reported`: the new tokens and their event are committed; otherwise they were fresh already. */
  | { kind: 'fresh'; grant: GrantRow; reported: boolean }
  | { kind: 'busy'; until: Date }
  /** `reported`: the refusal and its event are committed; otherwise it was known before. */
  | { kind: 'rejected'; problem: Refusal; reported: boolean }
  | { kind: 'unusable'; problem: Refusal }
  | { kind: 'failed'; failure: Failure };

/**
 * Refreshes one grant once, for the connection, for readers of access tokens and for debts. Second run: finds the intent of the first run,
 * waits until that cannot be answered any more, then presents the token once more. If that gets no answer either, the refresh has failed
 * for now.
 */
export async function refreshGrant(
  deps: GrantDeps,
  run: GrantRun,
  { grantId, notBefore, generation }: { grantId: string; notBefore: Date; generation: number },
): Promise<Refreshed> {
  const { db, box, clients, instance } = deps;
  // Read the clock before the commit: if the process freezes during the commit, the intent must look old afterwards.
  let intendedAt = performance.now();
  const presentation = await db.transaction().execute(async (trx) => {
    const intended = await intendRefresh(trx, box, clients, { grantId, notBefore, instance, now: deps.now });
    intendedAt = performance.now();
    return intended;
  });
  switch (presentation.kind) {
    case 'fresh':
      return { ...presentation, reported: false };
    case 'busy':
      return { kind: 'busy', until: soonest(presentation.until, deps.now()) };
    case 'lost':
      return {
        kind: 'rejected',
        reported: false,
        problem: problem('grant_lost', 'Calendly refused the refresh token permanently.', null),
      };
    case 'tooEarly':
      return { kind: 'failed', failure: tooEarly(presentation.until, deps.now()) };
    case 'wiped':
      return {
        kind: 'unusable',
        problem: problem('grant_wiped', 'The tokens of this grant are no longer stored.', null),
      };
    case 'foreign':
      return { kind: 'unusable', problem: presentation.problem };
    case 'presented':
      break;
  }
  const { client, intentId, refreshToken, refreshTokenId, secondTry } = presentation;
  if (performance.now() - intendedAt > MOST_AGE_OF_INTENT_MS) {
    await closeIntent(db, intentId, 'given_up', deps.now());
    return { kind: 'busy', until: deps.now() };
  }

  const answer = await refreshTokens(
    client.oauth,
    run.recordAfterwards,
    { ...run.trace, attempt: run.run },
    refreshToken,
  );
  if (answer.kind === 'issued') {
    await run.report(
      saveTokens(deps, run, { client, grantId, generation, intentId, refreshTokenId, tokens: answer.tokens }),
    );
    const grant = await readGrant(db, grantId);
    return grant
      ? { kind: 'fresh', grant, reported: true }
      : { kind: 'unusable', problem: problem('grant_wiped', 'The tokens of this grant are no longer stored.', null) };
  }
  if (answer.kind === 'refused') {
    const refused = problem('invalid_grant', answer.message, answer.exchangeId);
    let isLost = false;
    // This tells the connection also if a debt or a reader of tokens asked for the refresh.
    await run.report(async (trx) => {
      const grant = await trx
        .selectFrom('oauth_grant')
        .select('refresh_token_id')
        .where('id', '=', grantId)
        .forUpdate()
        .executeTakeFirst();
      await closeIntent(trx, intentId, 'invalid_grant', deps.now());
      // Another answer came first, so the refused token is not the grant's current one.
      isLost = grant?.refresh_token_id === refreshTokenId;
      if (!isLost) return null;
      await trx.updateTable('oauth_grant').set({ lost_at: deps.now() }).where('id', '=', grantId).execute();
      return { type: 'token.refreshRejected', generation, grantId, problem: refused };
    });
    return isLost ? { kind: 'rejected', reported: true, problem: refused } : { kind: 'busy', until: deps.now() };
  }
  const { failure } = answer;
  if (isAnswered(failure)) {
    const { code: outcome, retryAfterSeconds } = failure;
    await db
      .transaction()
      .execute((trx) => noteFailedRefresh(trx, { grantId, intentId, outcome, retryAfterSeconds, now: deps.now() }));
    return { kind: 'failed', failure };
  }
  // No readable answer: the intent stays open, in doubt, and the token is presented once more later. If that gets no answer
  // either, the refresh has failed, and the next one waits (back-off).
  if (secondTry) {
    await countFailedRefresh(db, grantId, deps.now());
    return { kind: 'failed', failure };
  }
  return { kind: 'busy', until: soonest(new Date(deps.now().getTime() + BUSY_RECHECK_MS), deps.now()) };
}

/** True if the outcome is certain: Calendly answered with an error, or the request was never sent. */
function isAnswered({ code, certain }: Failure): boolean {
  return certain || code === 'calendly_error' || code === 'forbidden_by_proxy';
}

function tooEarly(until: Date, now: Date): Failure {
  return {
    kind: 'transient',
    code: 'rate_limited',
    message: 'Calendly has asked for a pause before the next refresh.',
    exchangeId: null,
    certain: true,
    retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
  };
}

function soonest(until: Date, now: Date): Date {
  return new Date(Math.min(until.getTime(), now.getTime() + BUSY_RECHECK_MS));
}

function saveTokens(
  { box, now }: GrantDeps,
  { tenantId }: GrantRun,
  {
    client,
    grantId,
    generation,
    intentId,
    refreshTokenId,
    tokens,
  }: {
    client: CalendlyClient;
    grantId: string;
    generation: number;
    intentId: string;
    refreshTokenId: string;
    tokens: IssuedTokens;
  },
): Produce {
  const orphanId = randomUUID();
  return async (trx) => {
    const at = now();
    const stored = tokensToStore(tokens, at);
    await closeIntent(trx, intentId, 'refreshed', at);
    const replaced = await replaceTokens(trx, box, at, grantId, refreshTokenId, stored, {
      accountUri: tokens.owner,
      organizationUri: tokens.organization,
    });
    if (replaced === false) {
      // These tokens exist at Calendly, so they must not get lost: they are stored as a grant of their own, to be revoked.
      await storeGrant(trx, box, client, at, {
        id: orphanId,
        tenantId,
        accountUri: tokens.owner,
        organizationUri: tokens.organization,
        tokens: stored,
      });
      return { type: 'token.orphaned', grantId: orphanId, accountUri: tokens.owner };
    }
    return {
      type: replaced.wasLost ? 'grant.recovered' : 'token.refreshed',
      generation,
      grantId,
      scope: scopesOf(stored.scope),
      expiresAt: stored.expiresAt.toISOString(),
      refreshedAt: at.toISOString(),
    };
  };
}

export function tokensToStore(
  { accessToken, refreshToken, scope, expiresInSeconds }: IssuedTokens,
  at: Date,
): GrantTokens {
  return { accessToken, refreshToken, scope, expiresAt: new Date(at.getTime() + expiresInSeconds * 1000) };
}

export const scopesOf = (scope: string): string[] => scope.split(/\s+/).filter(Boolean);

const problem = (code: string, message: string, exchangeId: string | null): Refusal => ({ code, message, exchangeId });
