import type { Transaction } from 'kysely';
import { waitingStates, type ConnectionContext, type ConnectionState } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import { appendHostEvent } from './append-host-event.ts';
import { connectionLane, lockLanes } from './lanes.ts';

/** A connection as the machine left it. */
export interface Standing {
  state: ConnectionState;
  substate: string | null;
  context: ConnectionContext;
}

/** Tells the host of a connection's change of state, in the transaction of the event that made it. */
export async function recordStateChange(
  trx: Transaction<Database>,
  {
    tenantId,
    version,
    at,
    before,
    after,
  }: { tenantId: string; version: number; at: Date; before: Standing; after: Standing },
): Promise<void> {
  const from = toldState(before);
  const to = toldState(after);
  if (stepOf(from) === stepOf(to)) return;
  const { grant, delivery, problem, missingScopes } = after.context;
  const lanes = [connectionLane(tenantId)];
  await lockLanes(trx, lanes);
  await appendHostEvent(trx, {
    type: 'connection.state_changed',
    at,
    tenantId,
    lanes,
    data: {
      ...to,
      previous: from,
      account: grant?.accountUri == null ? null : { uri: grant.accountUri, organization: grant.organizationUri },
      delivery,
      lastError: problem && { ...problem, ...(missingScopes.length > 0 ? { missingScopes } : {}) },
      version,
    },
  });
}

interface State {
  state: ConnectionState;
  substate: string | null;
}

/** A routine refresh of a connected tenant is not told. Only if it fails, the host hears of a change from `connected`. */
function toldState({ state, substate, context }: Standing): State {
  if (state === 'refreshing' && context.routine && context.delivery !== null)
    return { state: 'connected', substate: context.delivery };
  return { state, substate };
}

/** Several steps that only wait for Calendly's answer are one state for the host. */
function stepOf({ state, substate }: State): string {
  const path = substate === null ? state : `${state}.${substate}`;
  return waitingStates.has(path) ? state : path;
}
