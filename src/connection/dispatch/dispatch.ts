import { randomUUID } from 'node:crypto';
import { sql, type Selectable, type Transaction } from 'kysely';
import { initialTransition, transition } from 'xstate';
import {
  connectionMachine,
  MACHINE_VERSION,
  type ConnectionEvent,
  type UnstampedEvent,
} from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared-statements.ts';
import { ProblemError } from '../../errors.ts';
import { recordAccountChange } from '../../host-events/record-account-change.ts';
import { recordStateChange } from '../../host-events/record-state-change.ts';
import { PRIORITY } from '../../jobs/priorities.ts';
import { noteOnSpan } from '../../tracing/traced.ts';
import type { Cause } from './cause.ts';
import { afterCommit } from './after-commit.ts';
import { readActions } from './read-actions.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import { appendCheckpoint, appendNote } from './append-history.ts';
import { hurryEffects, writeEvent } from './write-event.ts';
import { writeRows } from './write-rows.ts';
import { recordWarnings } from './record-warnings.ts';
import { fromStored, stateOf, statePath, toStored, type ConnectionSnapshot } from './snapshot.ts';

export interface Dispatched {
  /** False if the machine does not accept this event now. Nothing was changed then. */
  accepted: boolean;
  version: number;
  before: ConnectionSnapshot;
  after: ConnectionSnapshot;
}

export class TenantUnknownError extends ProblemError {
  constructor() {
    super('tenant_unknown');
  }
}

/**
 * THE transaction: one event = lock the row → transition → snapshot, history, rows, jobs → (caller's) commit.
 * Instead of an event, `input` can be a producer. It runs after the lock and before the decision, stores rows and returns the event
 * about them, so that both are committed together; null if there is no event after all.
 * `priority`: that of the effect that this event answers. The effects that follow get the same priority.
 * Throws a `SnapshotVersionError` before the producer runs if the snapshot is of a newer machine.
 * Rows are locked in this order everywhere: connection, then grant, so that two transactions never wait for each other.
 */
export async function dispatch(
  trx: Transaction<Database>,
  deps: DispatchDeps,
  tenantId: string,
  input: UnstampedEvent | ((trx: Transaction<Database>) => Promise<UnstampedEvent | null>),
  cause: Cause,
  priority?: number,
): Promise<Dispatched> {
  const row = await lockRow(trx, tenantId);
  if (row === undefined) throw new TenantUnknownError();
  const before = fromStored(row.snapshot, row.machine_version);
  const urgency = priority ?? urgencyOf(cause);
  if (urgency === PRIORITY.awaited && priority === undefined) await hurryEffects(trx, tenantId, urgency);
  const unstamped = typeof input === 'function' ? await input(trx) : input;
  if (unstamped === null) return { accepted: false, version: row.version, before, after: before };

  const at = deps.now();
  const event: ConnectionEvent = { ...unstamped, at: at.toISOString(), id: randomUUID() };
  const [after, actions] = transition(connectionMachine, before, event);
  const stored = toStored(after);
  const from = statePath(before.value);
  const to = statePath(after.value);

  if (actions.length === 0 && JSON.stringify(stored) === JSON.stringify(toStored(before))) {
    await appendNote(trx, {
      tenantId,
      version: row.version,
      at,
      cause,
      event,
      state: from,
      note: noteFor(event, before),
    });
    return { accepted: false, version: row.version, before, after: before };
  }

  if (row.machine_version !== MACHINE_VERSION) {
    // From here on, this version of the machine decides. So replay starts here, with the snapshot as this version has read it.
    await appendCheckpoint(trx, {
      tenantId,
      version: row.version,
      at,
      cause,
      snapshot: toStored(before),
      state: from,
      note: 'upcast',
    });
  }
  const version = row.version + 1;
  const { grant } = after.context;
  const accountUri = grant?.accountUri ?? null;
  // After a disconnect the grant is gone, but the account stays known.
  const formerUri = before.context.grant?.accountUri ?? row.last_account_uri;
  await writeRows(trx, deps, { before: before.context, after: after.context, event, at });
  await writeEvent(trx, deps, {
    tenantId,
    version,
    at,
    cause,
    event,
    from,
    to,
    snapshot: stored,
    ...stateOf(after.value),
    unwellSince: isWell(after.value) ? null : (row.unwell_since ?? at),
    accountUri,
    lastAccountUri: accountUri ?? formerUri,
    asksForBackfill: before.context.backfill.run !== after.context.backfill.run,
    outgoing: readActions(actions),
    inherited: urgency,
  });
  if (accountUri !== null && formerUri !== null && accountUri !== formerUri) {
    const current = { uri: accountUri, organization: grant?.organizationUri ?? null };
    await recordAccountChange(trx, { tenantId, version, at, former: formerUri, current });
  }
  await recordStateChange(trx, {
    tenantId,
    version,
    at,
    before: { ...stateOf(before.value), context: before.context },
    after: { ...stateOf(after.value), context: after.context },
  });
  await recordWarnings(trx, tenantId, before.context, after.context, event, at);
  afterCommit(trx).changes.push({ tenantId, version });
  noteOnSpan('transition', { event: event.type, from, to });
  deps.onTransition?.(from, to);
  return { accepted: true, version, before, after };
}

type LockedRow = Pick<
  Selectable<Database['connection']>,
  'snapshot' | 'machine_version' | 'version' | 'last_account_uri' | 'unwell_since'
>;

async function lockRow(trx: Transaction<Database>, tenantId: string): Promise<LockedRow | undefined> {
  const { rows } = await sql<LockedRow>`${prepared('lock-connection')}
    select snapshot, machine_version, version, last_account_uri, unwell_since from connection
    where tenant_id = ${tenantId} for update`.execute(trx);
  return rows[0];
}

/** Makes the tenant's connection if there is none yet: disconnected, at version 0. */
export async function ensureConnection(
  trx: Transaction<Database>,
  { now }: Pick<DispatchDeps, 'now'>,
  tenantId: string,
  cause: Cause,
): Promise<void> {
  const at = now();
  const [snapshot] = initialTransition(connectionMachine, { tenantId });
  const stored = toStored(snapshot);
  const inserted = await trx
    .insertInto('connection')
    .values({
      tenant_id: tenantId,
      snapshot: JSON.stringify(stored),
      machine_version: MACHINE_VERSION,
      version: 0,
      ...stateOf(snapshot.value),
      since: at,
      created_at: at,
      updated_at: at,
    })
    .onConflict((conflict) => conflict.column('tenant_id').doNothing())
    .returning('tenant_id')
    .executeTakeFirst();
  if (inserted) {
    await appendCheckpoint(trx, {
      tenantId,
      version: 0,
      at,
      cause,
      snapshot: stored,
      state: statePath(snapshot.value),
      note: 'created',
    });
  }
}

/** True for `connected` and `disconnected`: no step is under way, and there is no error. */
const isWell = (value: unknown): boolean => ['connected', 'disconnected'].includes(stateOf(value).state);

/** A person or the host waits for what a route asks for. */
function urgencyOf({ kind }: Cause): number | null {
  return kind === 'route' || kind === 'operator' ? PRIORITY.awaited : null;
}

function noteFor(event: ConnectionEvent, { context }: ConnectionSnapshot): string {
  return 'generation' in event && event.generation !== context.generation ? 'stale' : 'not accepted';
}
