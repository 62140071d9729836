import type { Kysely } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../db/database.ts';
import { decodeCursor } from '../paging/cursor.ts';
import { toPage, type Page } from '../paging/to-page.ts';

const Position = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** `key`: a program, by its key's name. `operator`: a person, by the name given at login. `nobody`: a login that was refused. */
export interface Actor {
  kind: 'key' | 'operator' | 'nobody';
  name: string;
}

export interface AuditEntry {
  at: Date;
  actor: Actor;
  /** What was asked for: `connect`, `access-token`, `login`. */
  action: string;
  outcome: 'done' | 'refused';
  tenantId: string | null;
  address: string | null;
  reason: string | null;
}

/** Rows are added and never changed; the database itself refuses it. */
export async function writeAudit(db: Kysely<Database>, { at, actor, tenantId, ...entry }: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({ ...entry, at, actor_kind: actor.kind, actor: actor.name, tenant_id: tenantId })
    .execute();
}

export type AuditItem = Omit<AuditEntry, 'at'> & { id: number; at: string };

export async function listAudit(
  db: Kysely<Database>,
  { limit, cursor, tenantId }: { limit: number; cursor?: string | undefined; tenantId?: string | undefined },
): Promise<Page<AuditItem>> {
  let query = db.selectFrom('audit').selectAll();
  if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId);
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(Position, cursor));
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row): AuditItem => ({
      id: row.id,
      at: row.at.toISOString(),
      actor: { kind: row.actor_kind as Actor['kind'], name: row.actor },
      action: row.action,
      outcome: row.outcome as AuditItem['outcome'],
      tenantId: row.tenant_id,
      address: row.address,
      reason: row.reason,
    }),
    (row) => row.id,
  );
}
