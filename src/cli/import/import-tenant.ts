import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceAnswer, ServiceClient } from './service-client.ts';
import type { TenantImport } from './to-import.ts';

/** The result for one line. `done`: nothing is left to do for this tenant. */
export interface Outcome {
  outcome: OutcomeName;
  /** Why, and what to do, for a person. Never a secret. */
  says: string;
}

export const OUTCOMES = {
  imported: { done: true, failed: false },
  already_connected: { done: true, failed: false },
  would_prove: { done: false, failed: false },
  would_refresh: { done: false, failed: false },
  needs_confirmation: { done: false, failed: true },
  under_way: { done: false, failed: true },
  needs_attention: { done: false, failed: true },
  refused: { done: false, failed: true },
  not_accepted: { done: false, failed: true },
  invalid: { done: false, failed: true },
  failed: { done: false, failed: true },
} as const;
export type OutcomeName = keyof typeof OUTCOMES;

/** An access token with less life is not worth an attempt. The service has the same limit. */
const USEFUL_LIFE_MS = 60_000;
/** With waits of 20 s each, this is longer than the service waits for a refresh without an answer. */
const MOST_ROUNDS = 10;

/**
 * Imports one tenant, or says what would be done. A tenant that is connected already is left alone, so the same file can be imported again.
 */
export async function importTenant(
  client: ServiceClient,
  { tenantId, body }: TenantImport,
  { dryRun, now = Date.now() }: { dryRun: boolean; now?: number },
): Promise<Outcome> {
  const path = `/v1/tenants/${encodeURIComponent(tenantId)}/connection`;
  const before = await client.get(path);
  if (before.status !== 200 && before.status !== 404) return unexpected(before);
  const state = before.status === 404 ? 'disconnected' : stateOf(before.body);
  if (state.startsWith('connected')) return { outcome: 'already_connected', says: `is ${state}` };
  if (dryRun) return foreseen(body, now);

  for (let round = 1; ; round++) {
    const answer = await client.post(`${path}/import`, body);
    switch (answer.status) {
      case 200:
        return settled(answer.body['connection']);
      case 202:
        if (round === MOST_ROUNDS)
          return { outcome: 'under_way', says: 'the service goes on by itself; look again later' };
        await sleep(Math.max(1, answer.retryAfterSeconds) * 1000);
        continue;
      case 409:
        return answer.body['code'] === 'already_connected'
          ? { outcome: 'already_connected', says: 'has a usable grant' }
          : { outcome: 'not_accepted', says: said(answer) };
      case 422:
        return { outcome: 'refused', says: said(answer) };
      case 400:
        return { outcome: 'invalid', says: said(answer) };
      default:
        return unexpected(answer);
    }
  }
}

function foreseen({ accessToken, expiresAt }: TenantImport['body'], now: number): Outcome {
  const isGood = accessToken !== undefined && (expiresAt === undefined || Date.parse(expiresAt) - now > USEFUL_LIFE_MS);
  return isGood
    ? { outcome: 'would_prove', says: 'the access token would be proven, and nothing refreshed' }
    : { outcome: 'would_refresh', says: 'the refresh token would be presented once' };
}

function settled(connection: unknown): Outcome {
  const state = stateOf({ connection });
  if (state.startsWith('connected')) return { outcome: 'imported', says: `is ${state}` };
  if (state === 'authorizing.confirmingAccount')
    return {
      outcome: 'needs_confirmation',
      says: 'the tokens are of another account than before: confirm or decline it',
    };
  const { lastError } = connection as { lastError?: { code?: string; message?: string } | null };
  return { outcome: 'needs_attention', says: `is ${state}: ${lastError?.message ?? 'see its connection'}` };
}

function stateOf(body: Record<string, unknown>): string {
  const { state, substate } = (body['connection'] ?? body) as { state?: string; substate?: string | null };
  return [state, substate].filter(Boolean).join('.');
}

const said = ({ body }: ServiceAnswer): string =>
  [body['detail'], body['title'], body['code']].find((text) => typeof text === 'string') ?? 'no reason';
const unexpected = (answer: ServiceAnswer): Outcome => ({
  outcome: 'failed',
  says: `the service answered ${answer.status}: ${said(answer)}`,
});
