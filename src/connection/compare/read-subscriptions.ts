import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Subscription } from '../../db/types.ts';

export type ComparedSubscription = Pick<
  Selectable<Subscription>,
  | 'id'
  | 'tenant_id'
  | 'status'
  | 'uri'
  | 'callback_url'
  | 'remote_state'
  | 'scope'
  | 'events'
  | 'organization_uri'
  | 'retry_started_at'
>;

/** This tenant's rows that are not deleted, and rows of other tenants with one of these callback URLs. */
export async function readSubscriptions(
  db: Kysely<Database>,
  tenantId: string,
  callbackUrls: string[],
): Promise<ComparedSubscription[]> {
  return db
    .selectFrom('subscription')
    .select([
      'id',
      'tenant_id',
      'status',
      'uri',
      'callback_url',
      'remote_state',
      'scope',
      'events',
      'organization_uri',
      'retry_started_at',
    ])
    .where(({ eb, or, and }) =>
      or([
        and([eb('tenant_id', '=', tenantId), eb('status', '!=', 'deleted')]),
        ...(callbackUrls.length === 0 ? [] : [eb('callback_url', 'in', callbackUrls)]),
      ]),
    )
    .execute();
}
