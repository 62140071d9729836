import { randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { storeCredential } from '../../../src/grants/credentials.ts';
import type { SealedBox } from '../../../src/grants/sealed-box.ts';
import type { Database } from '../../../src/db/database.ts';

export type StoredSubscription = { id: string; signingKey: string };

/** A row of the table `subscription` with a signing key of its own. */
export async function storeSubscription(
  db: Kysely<Database>,
  box: SealedBox,
  options: {
    tenantId: string;
    accountUri: string;
    status?: 'creating' | 'live' | 'retired' | 'deleted';
    scope?: 'user' | 'organization';
  },
): Promise<StoredSubscription> {
  const { tenantId, accountUri, status = 'live', scope = 'user' } = options;
  const id = randomUUID();
  const signingKey = randomBytes(32).toString('hex');
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('subscription')
      .values({
        id,
        tenant_id: tenantId,
        grant_id: randomUUID(),
        account_uri: accountUri,
        organization_uri: 'https://api.calendly.com/organizations/1',
        callback_url: `https://host.example/webhooks/calendly/${id}`,
        signing_key_id: await storeCredential(trx, box, { tenantId, purpose: 'signing_key', value: signingKey }),
        status,
        scope,
        events: ['invitee.created', 'invitee.canceled'],
        created_at: new Date(),
      })
      .execute();
  });
  return { id, signingKey };
}
