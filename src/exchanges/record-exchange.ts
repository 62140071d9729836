import { sql, type Kysely } from 'kysely';
import type { RecordExchange } from '../calendly/exchange.ts';
import { isDatabaseFailure } from '../db/database-failure.ts';
import type { Database } from '../db/database.ts';
import { shareCommit } from '../db/share-commit.ts';
import type { Logger } from '../logger/create-logger.ts';
import { redactExchange } from './redact-exchange.ts';

const MIB = 1024 * 1024;
/** More wait only if the database is slower than all workers of this process together. */
const LIMITS = { mostItems: 100, mostWeight: 8 * MIB, mostWaiting: 2_000, mostWaitingWeight: 64 * MIB };

/**
 * Logs every exchange as one line and stores it. Those that come while a commit is under way share the next one. A database that is
 * down costs the row, never the answer.
 */
export function createExchangeRecorder(db: Kysely<Database>, log: Logger): RecordExchange {
  const storing = shareCommit<string, void>((rows) => storeExchanges(db, rows), {
    ...LIMITS,
    weigh: (row) => row.length,
    failsForAll: isDatabaseFailure,
  });
  return async (exchange, after) => {
    const { id, trace, method, path, requestBody, status, failure, headers, body, startedAt, durationMs } =
      redactExchange(exchange);
    const requestId = headers['x-request-id'] ?? null;
    const line = { exchangeId: id, ...trace, method, path, status, failure, requestId, durationMs };
    if (failure !== null || (status ?? 0) >= 400) log.warn({ ...line, answer: body }, 'calendly exchange');
    else log.info(line, 'calendly exchange');
    await after;
    try {
      await storing.add(JSON.stringify({ ...line, requestBody, headers, body, startedAt }));
    } catch (error) {
      log.error({ err: error, exchangeId: id }, 'an exchange could not be stored');
    }
  };
}

/** Stores exchanges, each as JSON. A call that outlives its tenant must not leave a trace of it after the erasure. */
async function storeExchanges(db: Kysely<Database>, exchanges: readonly string[]): Promise<void[]> {
  await sql`
    insert into exchange (id, tenant_id, effect_id, effect, attempt, method, path, status, failure, request_body, headers, body,
      request_id, started_at, duration_ms)
    select "exchangeId", tenant_id, "effectId", effect, attempt, method, path, status, failure, "requestBody", headers, body,
      "requestId", "startedAt", "durationMs"
    from jsonb_to_recordset(${`[${exchanges.join()}]`}::jsonb) as new ("exchangeId" uuid, "tenantId" text, "effectId" uuid, effect text,
      attempt integer, method text, path text, status integer, failure text, "requestBody" jsonb, headers jsonb, body jsonb,
      "requestId" text, "startedAt" timestamptz, "durationMs" integer)
    join connection on tenant_id = "tenantId"`.execute(db);
  return exchanges.map(() => undefined);
}
