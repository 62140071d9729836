import type { Kysely } from 'kysely';
import { DEFAULT_CLIENT } from '../calendly/client.ts';
import type { SigningKey } from '../calendly/signature.ts';
import { CredentialError, readCredential } from '../grants/credentials.ts';
import type { SealedBox } from '../grants/sealed-box.ts';
import type { Database } from '../db/database.ts';

export type KnownSubscription = Readonly<{
  id: string;
  tenantId: string;
  /** Name of the client that made it. */
  client: string;
  /** Deliveries to it are accepted. */
  accepts: boolean;
  /** Empty if there is no key. Then nothing is accepted. */
  keys: readonly SigningKey[];
}>;

export interface KnownSubscriptions {
  /** `fresh`: reads it from the database now. */
  find(id: string, options?: { fresh: boolean }): Promise<KnownSubscription | null>;
}

const KEPT_MS = 30_000;
const MOST_KEPT = 10_000;

/**
 * Remembers subscriptions and their opened keys for a moment, so that a receipt needs one statement. It does no harm if this is out of
 * date: keys never change, the statement that stores a delivery checks the status again, and the database is asked before a delivery is
 * refused. Only subscriptions that accept deliveries are remembered, so strangers cannot fill the memory.
 */
export function knownSubscriptions(db: Kysely<Database>, box: SealedBox): KnownSubscriptions {
  const kept = new Map<string, { found: KnownSubscription; until: number }>();
  return {
    async find(id, { fresh } = { fresh: false }) {
      const known = fresh ? undefined : kept.get(id);
      if (known !== undefined && known.until > performance.now()) return known.found;
      kept.delete(id);
      const found = await readSubscription(db, box, id);
      if (!found?.accepts || found.keys.length === 0) return found;
      const oldest = kept.size >= MOST_KEPT ? kept.keys().next() : null;
      if (oldest?.done === false) kept.delete(oldest.value);
      kept.set(id, { found, until: performance.now() + KEPT_MS });
      return found;
    },
  };
}

async function readSubscription(db: Kysely<Database>, box: SealedBox, id: string): Promise<KnownSubscription | null> {
  const row = await db
    .selectFrom('subscription')
    .leftJoin('oauth_grant', 'oauth_grant.id', 'subscription.grant_id')
    .select(['subscription.tenant_id', 'subscription.status', 'signing_key_id', 'client'])
    .where('subscription.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const accepts = row.status !== 'retired' && row.status !== 'deleted';
  const keys = accepts ? await signingKeys(db, box, row.tenant_id, row.signing_key_id) : [];
  return { id, tenantId: row.tenant_id, client: row.client ?? DEFAULT_CLIENT, accepts, keys };
}

/** Throws if no encryption key opens the signing key: Calendly sends the delivery again, and an operator can add the key meanwhile. */
async function signingKeys(
  db: Kysely<Database>,
  box: SealedBox,
  tenantId: string,
  id: string | null,
): Promise<SigningKey[]> {
  if (id === null) return [];
  try {
    return [{ id, of: 'subscription', value: await readCredential(db, box, id, { tenantId, purpose: 'signing_key' }) }];
  } catch (error) {
    if (error instanceof CredentialError) return [];
    throw error;
  }
}
