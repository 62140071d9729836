import { createHash, randomBytes } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import * as oauth from 'oauth4webapi';
import type { Database } from '../db/database.ts';
import type { ConsentAttempt } from '../db/types.ts';
import { deleteCredentials, storeCredential } from './credentials.ts';
import type { SealedBox } from './sealed-box.ts';

export type ConsentAttemptRow = Selectable<ConsentAttempt>;

/** Long enough to log in at Calendly with a password manager and a second factor. */
export const ATTEMPT_LIFE_MS = 30 * 60 * 1000;
/** The browser is sent to the host, which answers at once. Calendly's codes are valid for 10 minutes. */
const TICKET_LIFE_MS = 5 * 60 * 1000;

/** Who completes a consent: the browser that comes to the callback, or the host's own session, with a ticket. */
export type Completion = 'callback' | 'host';

/** One attempt to get a person's consent. `state` and `codeVerifier` leave this process in a URL and a sealed row, never in a log. */
export interface NewAttempt {
  id: string;
  state: string;
  codeVerifier: string;
  codeChallenge: string;
  expiresAt: Date;
}

export async function newAttempt(id: string, expiresAt: Date): Promise<NewAttempt> {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  return {
    id,
    state: randomBytes(32).toString('base64url'),
    codeVerifier,
    codeChallenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    expiresAt,
  };
}

/** Stores an attempt: its state as a hash, its verifier sealed. Deletes the secrets of the tenant's older attempts. */
export async function storeAttempt(
  trx: Transaction<Database>,
  box: SealedBox,
  attempt: NewAttempt,
  {
    tenantId,
    client,
    redirectUri,
    returnTo,
    completion,
    now,
  }: {
    tenantId: string;
    client: string;
    redirectUri: string;
    returnTo: string | null;
    completion: Completion;
    now: Date;
  },
): Promise<void> {
  await forgetUnusedAttempts(trx, tenantId);
  const verifierId = await storeCredential(trx, box, {
    tenantId,
    purpose: 'code_verifier',
    value: attempt.codeVerifier,
  });
  await trx
    .insertInto('consent_attempt')
    .values({
      id: attempt.id,
      tenant_id: tenantId,
      client,
      state_hash: hashOf(attempt.state),
      code_verifier_id: verifierId,
      redirect_uri: redirectUri,
      return_to: returnTo,
      completion,
      created_at: now,
      expires_at: attempt.expiresAt,
    })
    .execute();
}

async function forgetUnusedAttempts(trx: Transaction<Database>, tenantId: string): Promise<void> {
  const forgotten = await trx
    .deleteFrom('consent_attempt')
    .where('tenant_id', '=', tenantId)
    .where('consumed_at', 'is', null)
    .returning('code_verifier_id')
    .execute();
  await deleteCredentials(
    trx,
    forgotten.map((row) => row.code_verifier_id).filter((id) => id !== null),
  );
}

/** The attempt of this `state`, locked; undefined if it is forged, used or expired. */
export async function findAttempt(
  trx: Transaction<Database>,
  state: string,
  now: Date,
): Promise<ConsentAttemptRow | undefined> {
  return trx
    .selectFrom('consent_attempt')
    .selectAll()
    .where('state_hash', '=', hashOf(state))
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst();
}

/** The attempt of a `state` that cannot be used any more; undefined where the state is forged, or its attempt was replaced or deleted. */
export async function findEndedAttempt(
  db: Kysely<Database>,
  state: string,
): Promise<Pick<ConsentAttemptRow, 'consumed_at' | 'expires_at' | 'return_to'> | undefined> {
  return db
    .selectFrom('consent_attempt')
    .select(['consumed_at', 'expires_at', 'return_to'])
    .where('state_hash', '=', hashOf(state))
    .executeTakeFirst();
}

/** The attempt as it is now; undefined once it is deleted. */
export async function readAttempt(db: Kysely<Database>, id: string): Promise<ConsentAttemptRow | undefined> {
  return db.selectFrom('consent_attempt').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Marks the attempt as used. A `state` works once, whether the exchange succeeds or not. */
export async function consumeAttempt(
  trx: Transaction<Database>,
  box: SealedBox,
  attempt: ConsentAttemptRow,
  { code, now }: { code: string | null; now: Date },
): Promise<void> {
  const codeId =
    code === null
      ? null
      : await storeCredential(trx, box, { tenantId: attempt.tenant_id, purpose: 'authorization_code', value: code });
  await trx
    .updateTable('consent_attempt')
    .set({ consumed_at: now, code_id: codeId })
    .where('id', '=', attempt.id)
    .execute();
  if (code === null && attempt.code_verifier_id !== null) {
    await trx.updateTable('consent_attempt').set({ code_verifier_id: null }).where('id', '=', attempt.id).execute();
    await deleteCredentials(trx, [attempt.code_verifier_id]);
  }
}

/** Stores how the attempt ended and deletes its code and verifier, which could only serve an attacker now. */
export async function endAttempt(
  trx: Transaction<Database>,
  attemptId: string,
  { outcome, reason }: { outcome: string; reason: string | null },
): Promise<void> {
  const attempt = await trx
    .selectFrom('consent_attempt')
    .select(['code_id', 'code_verifier_id'])
    .where('id', '=', attemptId)
    .forUpdate()
    .executeTakeFirst();
  if (attempt === undefined) return;
  await trx
    .updateTable('consent_attempt')
    .set({ code_id: null, code_verifier_id: null, ticket_hash: null, outcome, reason })
    .where('id', '=', attemptId)
    .execute();
  await deleteCredentials(
    trx,
    [attempt.code_id, attempt.code_verifier_id].filter((id) => id !== null),
  );
}

/** A secret that stands for the stored code: the host completes the consent with it, for this tenant only. Stored as a hash. */
export async function offerTicket(trx: Transaction<Database>, attemptId: string, now: Date): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  await trx
    .updateTable('consent_attempt')
    .set({ ticket_hash: hashOf(ticket), ticket_expires_at: new Date(now.getTime() + TICKET_LIFE_MS) })
    .where('id', '=', attemptId)
    .execute();
  return ticket;
}

/** The attempt whose code this ticket stands for, locked; undefined if the ticket is forged, used, expired or another tenant's. */
export async function findByTicket(
  trx: Transaction<Database>,
  tenantId: string,
  ticket: string,
  now: Date,
): Promise<ConsentAttemptRow | undefined> {
  return trx
    .selectFrom('consent_attempt')
    .selectAll()
    .where('ticket_hash', '=', hashOf(ticket))
    .where('tenant_id', '=', tenantId)
    .where('ticket_expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst();
}

export async function spendTicket(trx: Transaction<Database>, attemptId: string): Promise<void> {
  await trx.updateTable('consent_attempt').set({ ticket_hash: null }).where('id', '=', attemptId).execute();
}

/** Makes a secret for the two buttons of the confirmation page, bound to the attempt. Only its hash is stored. */
export async function offerConfirmation(trx: Transaction<Database>, attemptId: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await trx
    .updateTable('consent_attempt')
    .set({ confirmation_hash: hashOf(secret) })
    .where('id', '=', attemptId)
    .execute();
  return secret;
}

export async function findByConfirmation(
  trx: Transaction<Database>,
  secret: string,
): Promise<ConsentAttemptRow | undefined> {
  return trx
    .selectFrom('consent_attempt')
    .selectAll()
    .where('confirmation_hash', '=', hashOf(secret))
    .forUpdate()
    .executeTakeFirst();
}

export async function spendConfirmation(trx: Transaction<Database>, attemptId: string): Promise<void> {
  await trx.updateTable('consent_attempt').set({ confirmation_hash: null }).where('id', '=', attemptId).execute();
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
