import { sql, type Kysely } from 'kysely';
import type { RecordExchange } from '../calendly/exchange.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger/create-logger.ts';
import { redactExchange } from './redact-exchange.ts';

/** Stores every exchange and logs it as one line. A database that is down costs the row, never the answer. */
export function createExchangeRecorder(db: Kysely<Database>, log: Logger): RecordExchange {
  return async (exchange, after) => {
    const { id, trace, method, path, requestBody, status, failure, headers, body, startedAt, durationMs } =
      redactExchange(exchange);
    const requestId = headers['x-request-id'] ?? null;
    const line = { exchangeId: id, ...trace, method, path, status, failure, requestId, durationMs };
    if (failure !== null || (status ?? 0) >= 400) log.warn({ ...line, answer: body }, 'calendly exchange');
    else log.info(line, 'calendly exchange');
    await after;
    try {
      const row = {
        id,
        tenant_id: trace.tenantId,
        effect_id: trace.effectId,
        effect: trace.effect,
        attempt: trace.attempt,
        method,
        path,
        status,
        failure,
        request_body: JSON.stringify(requestBody),
        headers: JSON.stringify(headers),
        body: JSON.stringify(body),
        request_id: requestId,
        started_at: startedAt,
        duration_ms: durationMs,
      };
      // A call that outlives its tenant must not leave a trace of it after the erasure.
      const values = sql.join(Object.values(row));
      await db
        .insertInto('exchange')
        .columns(Object.keys(row) as (keyof typeof row)[])
        .expression(sql`(select ${values} from connection where tenant_id = ${trace.tenantId})`)
        .execute();
    } catch (error) {
      log.error({ err: error, exchangeId: id }, 'an exchange could not be stored');
    }
  };
}
