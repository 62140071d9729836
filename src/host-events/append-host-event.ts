import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { HostEvent } from './host-event.ts';

/**
 * Writes one event in the transaction of what it tells of: both are there, or neither. The lanes have to be locked.
 * Returns false where an event with this id is there already.
 */
export async function appendHostEvent(trx: Transaction<Database>,
  { id = randomUUID(), type, at, tenantId, lanes, data }:
  { id?: string; type: HostEvent['type']; at: Date; tenantId: string; lanes: string[]; data: HostEvent['data'] }): Promise<boolean> {
  const body: HostEvent = { id, type, timestamp: at.toISOString(), tenantId, data };
  const inserted = await trx.insertInto('host_event')
    .values({ id, tenant_id: tenantId, type, lanes, body: JSON.stringify(body), recorded_at: at })
    .onConflict((conflict) => conflict.column('id').doNothing()).returning('id').executeTakeFirst();
  return inserted !== undefined;
}
