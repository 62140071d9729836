import { randomBytes } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import {
  problemOf,
  type ConnectionContext,
  type ConnectionEvent,
  type Debt,
} from '../../../machines/connection/index.ts';
import { endAttempt } from '../../grants/consent-attempts.ts';
import { storeCredential } from '../../grants/credentials.ts';
import { endImport } from '../../grants/imports.ts';
import type { Database } from '../../db/database.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import { projectFormerWebhooks } from './former-webhooks.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import { writeSettings } from './write-settings.ts';

/**
 * Writes what the machine decided into the rows: which grant is current, which subscription is live, which debts are open.
 * The machine never reads these roles back: its context decides them.
 */
export async function writeRows(
  trx: Transaction<Database>,
  deps: DispatchDeps,
  {
    before,
    after,
    event,
    at,
  }: { before: ConnectionContext; after: ConnectionContext; event: ConnectionEvent; at: Date },
): Promise<void> {
  if (before.grant?.id !== after.grant?.id || before.candidate?.id !== after.candidate?.id)
    await projectGrants(trx, after);
  if (before.attempt && before.attempt.id !== after.attempt?.id)
    await endAttempt(trx, before.attempt.id, attemptOutcome(event, before, after));
  if (before.importing && before.importing.id !== after.importing?.id) {
    const { outcome, reason } = attemptOutcome(event, before, after);
    const ended = {
      outcome: outcome === 'accepted' ? outcome : 'failed',
      reason,
      message: problemOf(event)?.message ?? null,
    };
    await endImport(trx, before.importing.id, ended, at);
  }
  if (before.draft?.id !== after.draft?.id && after.draft !== null) await insertDraft(trx, deps, after, at);
  if (subscriptionRoles(before) !== subscriptionRoles(after)) await projectSubscriptions(trx, after);
  if (JSON.stringify(before.debts) !== JSON.stringify(after.debts)) {
    await projectDebts(trx, before.debts, after, at);
  }
  if (before.settings !== after.settings) await writeSettings(trx, after.tenantId, after.settings, at);
  await projectFormerWebhooks(trx, before, after, event);
}

async function projectGrants(
  trx: Transaction<Database>,
  { tenantId, grant, candidate }: ConnectionContext,
): Promise<void> {
  const grants = trx.updateTable('oauth_grant').where('tenant_id', '=', tenantId).where('status', '!=', 'wiped');
  // Retire first, because a unique index allows only one current grant.
  await grants
    .set({ status: 'retired' })
    .where('status', '!=', 'retired')
    .where('id', 'not in', [grant?.id, candidate?.id].filter((id) => id !== undefined).concat(NO_ID))
    .execute();
  if (candidate) await grants.set({ status: 'candidate' }).where('id', '=', candidate.id).execute();
  if (grant) {
    await grants
      .set({ status: 'current', account_uri: grant.accountUri, organization_uri: grant.organizationUri, shared: false })
      .where('id', '=', grant.id)
      .execute();
    // A new connection cancels a planned erasure.
    await trx
      .updateTable('connection')
      .set({ erase_requested_at: null })
      .where('tenant_id', '=', tenantId)
      .where('erase_requested_at', 'is not', null)
      .execute();
  }
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** The row with its callback URL and signing key is committed before the create call is made. Both never change. */
async function insertDraft(
  trx: Transaction<Database>,
  { box, publicUrl }: DispatchDeps,
  { tenantId, draft, grant }: ConnectionContext,
  at: Date,
): Promise<void> {
  if (draft === null || grant === null) return;
  const signingKeyId = await storeCredential(trx, box, {
    tenantId,
    purpose: 'signing_key',
    value: randomBytes(32).toString('hex'),
  });
  await trx
    .insertInto('subscription')
    .values({
      id: draft.id,
      tenant_id: tenantId,
      grant_id: grant.id,
      account_uri: grant.accountUri ?? '',
      organization_uri: grant.organizationUri ?? '',
      callback_url: `${publicUrl}/webhooks/calendly/${draft.id}`,
      signing_key_id: signingKeyId,
      status: 'creating',
      scope: draft.scope,
      events: draft.events,
      created_at: at,
    })
    .execute();
}

/** `replaced`: to be deleted, but of the current account; its deliveries are accepted until it is gone. All others are refused. */
async function projectSubscriptions(
  trx: Transaction<Database>,
  { tenantId, subscription, draft, grant, debts }: ConnectionContext,
): Promise<void> {
  const rows = trx.updateTable('subscription').where('tenant_id', '=', tenantId).where('status', '!=', 'deleted');
  const replaced =
    grant === null
      ? []
      : debts
          .filter((debt) => debt.subscriptionId !== null && debt.accountUri === grant.accountUri)
          .map((debt) => debt.subscriptionId!)
          .filter((id) => id !== draft?.id);
  await rows
    .set({ status: 'retired' })
    .where('status', '!=', 'retired')
    .where('id', 'not in', [subscription, draft?.id, ...replaced].filter((id) => typeof id === 'string').concat(NO_ID))
    .execute();
  if (replaced.length > 0) await rows.set({ status: 'replaced' }).where('id', 'in', replaced).execute();
  if (subscription !== null && grant !== null)
    await rows.set({ status: 'live', grant_id: grant.id }).where('id', '=', subscription).execute();
}

/** What the statuses of subscriptions depend on. */
function subscriptionRoles(context: ConnectionContext | null): string {
  return JSON.stringify([
    context?.subscription,
    context?.draft?.id,
    context?.grant?.id,
    context?.grant?.accountUri,
    context?.debts.map((debt) => debt.id),
  ]);
}

async function projectDebts(
  trx: Transaction<Database>,
  before: Debt[],
  after: ConnectionContext,
  at: Date,
): Promise<void> {
  const { tenantId, debts } = after;
  for (const debt of debts) {
    await trx
      .insertInto('debt')
      .values({
        tenant_id: tenantId,
        id: debt.id,
        kind: debt.kind,
        grant_id: debt.grantId,
        subscription_id: debt.subscriptionId,
        account_uri: debt.accountUri,
        status: debt.status,
        attempts: debt.attempts,
        last_error: debt.problem === null ? null : JSON.stringify(debt.problem),
        created_at: at,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'id']).doUpdateSet((eb) => ({
          grant_id: eb.ref('excluded.grant_id'),
          status: eb.ref('excluded.status'),
          attempts: eb.ref('excluded.attempts'),
          last_error: eb.ref('excluded.last_error'),
          settled_at: sql<Date | null>`null`,
        })),
      )
      .execute();
  }
  const open = new Set(debts.map((debt) => debt.id));
  const settled = before.filter((debt) => !open.has(debt.id));
  if (settled.length === 0) return;
  await trx
    .updateTable('debt')
    .set({ status: 'settled', settled_at: at })
    .where('tenant_id', '=', tenantId)
    .where(
      'id',
      'in',
      settled.map((debt) => debt.id),
    )
    .execute();
  // The debt of an adopted draft is settled because the subscription is kept. Only an unused subscription counts as deleted.
  const kept = [after.subscription, after.draft?.id];
  const gone = settled.map((debt) => debt.subscriptionId).filter((id) => id !== null && !kept.includes(id)) as string[];
  if (gone.length > 0) {
    await trx
      .updateTable('subscription')
      .set({ status: 'deleted' })
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', gone)
      .execute();
  }
}
