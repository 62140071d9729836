import { sql, type Kysely } from 'kysely';
import { isDatabaseFailure } from '../db/database-failure.ts';
import type { Database } from '../db/database.ts';
import { prepared } from '../db/prepared-statements.ts';
import { shareCommit } from '../db/share-commit.ts';
import { newestFirst, type PageQuery } from '../paging/newest-first.ts';
import type { Page } from '../paging/to-page.ts';

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
export async function writeAudit(db: Kysely<Database>, ...entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(({ actor, ...entry }) => ({ ...entry, actorKind: actor.kind, actor: actor.name }));
  await sql`${prepared('write-audit')}
    insert into audit (at, actor_kind, actor, action, outcome, tenant_id, address, reason)
    select at, "actorKind", actor, action, outcome, "tenantId", address, reason
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as new (at timestamptz, "actorKind" text, actor text, action text,
      outcome text, "tenantId" text, address text, reason text)`.execute(db);
}

const ENTRY_BYTES = 500;
/** As many as a process takes connections, each with one request at a time. So it is never full. */
const MOST_WAITING = 10_000;

/** Writes entries as `writeAudit` does. Those that come while a commit is under way share the next one. */
export function shareAudit(db: Kysely<Database>): (entry: AuditEntry) => Promise<void> {
  const writing = shareCommit<AuditEntry, void>(
    async (entries) => {
      await writeAudit(db, ...entries);
      return entries.map(() => undefined);
    },
    {
      mostItems: 500,
      mostWeight: 500 * ENTRY_BYTES,
      mostWaiting: MOST_WAITING,
      mostWaitingWeight: MOST_WAITING * ENTRY_BYTES,
      weigh: () => ENTRY_BYTES,
      failsForAll: isDatabaseFailure,
    },
  );
  return writing.add;
}

export type AuditItem = Omit<AuditEntry, 'at'> & { id: number; at: string };

export async function listAudit(
  db: Kysely<Database>,
  { tenantId, ...page }: PageQuery & { tenantId?: string | undefined },
): Promise<Page<AuditItem>> {
  let query = db.selectFrom('audit').selectAll();
  if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId);
  return newestFirst(query, 'id', page, (row): AuditItem => ({
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actor_kind as Actor['kind'], name: row.actor },
    action: row.action,
    outcome: row.outcome as AuditItem['outcome'],
    tenantId: row.tenant_id,
    address: row.address,
    reason: row.reason,
  }));
}
