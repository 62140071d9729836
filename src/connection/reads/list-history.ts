import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { newestFirst, type PageQuery } from '../../paging/newest-first.ts';
import type { Page } from '../../paging/to-page.ts';

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

/** History rows, newest first: accepted events, notes about refused ones, and checkpoints. History never holds a secret. */
export async function listHistory(db: Kysely<Database>, tenantId: string, page: PageQuery): Promise<Page<HistoryItem>> {
  const query = db.selectFrom('history').selectAll().where('tenant_id', '=', tenantId);
  return newestFirst(query, 'id', page, (row): HistoryItem => ({
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
  }));
}
