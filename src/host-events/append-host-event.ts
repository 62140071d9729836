import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { currentTraceparent } from '../tracing/traceparent.ts';
import type { HostEvent } from './host-event.ts';

export interface NewHostEvent {
  id?: string;
  type: HostEvent['type'];
  at: Date;
  tenantId: string;
  lanes: string[];
  data: HostEvent['data'];
  /** Left out: that of the running span. */
  traceparent?: string | null | undefined;
}

/**
 * Writes one event in the transaction of the change that it tells, so that both are stored or neither. The lanes have to be locked before.
 * Returns false if an event with this id exists already.
 */
export async function appendHostEvent(trx: Transaction<Database>, event: NewHostEvent): Promise<boolean> {
  return (await appendHostEvents(trx, [event])) > 0;
}

/** The same for any number of events, in their order and in one statement. Returns how many were not there before. */
export async function appendHostEvents(trx: Transaction<Database>, events: readonly NewHostEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const rows = events.map(
    ({ id = randomUUID(), type, at, tenantId, lanes, data, traceparent = currentTraceparent() }) => {
      const body: HostEvent = { id, type, timestamp: at.toISOString(), tenantId, data };
      return { id, tenant_id: tenantId, type, lanes, body, recorded_at: at, traceparent };
    },
  );
  // json and not jsonb: the keys of the body stay in the order in which they were written.
  const { numAffectedRows = 0n } = await sql`
    insert into host_event (id, tenant_id, type, lanes, body, recorded_at, traceparent)
    select id, tenant_id, type, lanes, body, recorded_at, traceparent
    from rows from (json_to_recordset(${JSON.stringify(rows)}::json)
      as (id uuid, tenant_id text, type text, lanes text[], body json, recorded_at timestamptz, traceparent text))
      with ordinality as event (id, tenant_id, type, lanes, body, recorded_at, traceparent, place)
    order by place
    on conflict (id) do nothing`.execute(trx);
  return Number(numAffectedRows);
}
