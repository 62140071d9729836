import { sql, type Kysely, type Selectable } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../db/database.ts';
import type { Exchange } from '../db/types.ts';
import { CursorTime, decodeCursor } from '../paging/cursor.ts';
import { toPage, type Page } from '../paging/to-page.ts';

const Position = Type.Tuple([CursorTime, Type.String({ format: 'uuid' })]);

export interface ExchangeItem {
  id: string;
  effectId: string | null;
  effect: string | null;
  attempt: number | null;
  method: string;
  path: string;
  requestBody: unknown;
  status: number | null;
  failure: string | null;
  headers: unknown;
  body: unknown;
  requestId: string | null;
  startedAt: string;
  durationMs: number;
}

/** Exchanges with Calendly, newest first, as they were redacted when they were stored. */
export async function listExchanges(
  db: Kysely<Database>,
  tenantId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ExchangeItem>> {
  let query = db.selectFrom('exchange').selectAll().where('tenant_id', '=', tenantId);
  if (cursor !== undefined) {
    const [startedAt, id] = decodeCursor(Position, cursor);
    query = query.where(sql<boolean>`(started_at, id) < (${new Date(startedAt)}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(rows, limit, showExchange, (row) => [row.started_at.getTime(), row.id]);
}

/** One of the tenant's exchanges; undefined once it is deleted. */
export async function readExchange(
  db: Kysely<Database>,
  tenantId: string,
  id: string,
): Promise<ExchangeItem | undefined> {
  const row = await db
    .selectFrom('exchange')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && showExchange(row);
}

export function showExchange(row: Selectable<Exchange>): ExchangeItem {
  return {
    id: row.id,
    effectId: row.effect_id,
    effect: row.effect,
    attempt: row.attempt,
    method: row.method,
    path: row.path,
    requestBody: row.request_body,
    status: row.status,
    failure: row.failure,
    headers: row.headers,
    body: row.body,
    requestId: row.request_id,
    startedAt: row.started_at.toISOString(),
    durationMs: row.duration_ms,
  };
}
