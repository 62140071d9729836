import type { Kysely } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../../db/database.ts';
import { decodeCursor } from '../../paging/cursor.ts';
import { toPage, type Page } from '../../paging/to-page.ts';

const Position = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

export interface HistoryItem {
  id: number;
  kind: string;
  version: number;
  at: string;
  event: unknown;
  from: string | null;
  to: string | null;
  cause: unknown;
  actions: unknown;
  note: string | null;
  machineVersion: number;
}

/** History rows, newest first: accepted events, notes of refused ones, checkpoints. They hold no secret to begin with. */
export async function listHistory(
  db: Kysely<Database>,
  tenantId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<HistoryItem>> {
  let query = db.selectFrom('history').selectAll().where('tenant_id', '=', tenantId);
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(Position, cursor));
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row): HistoryItem => ({
      id: row.id,
      kind: row.kind,
      version: row.version,
      at: row.at.toISOString(),
      event: row.event,
      from: row.from_state,
      to: row.to_state,
      cause: row.cause,
      actions: row.actions,
      note: row.note,
      machineVersion: row.machine_version,
    }),
    (row) => row.id,
  );
}
