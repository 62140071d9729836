import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { CalendlyClient } from '../../calendly/client.ts';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';
import { findImport, readImport, storeImport, type ImportedTokens, type ImportRow } from '../../grants/imports.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { storeFormerWebhooks, type FormerWebhook } from '../dispatch/former-webhooks.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { statePath, type ConnectionSnapshot } from '../dispatch/snapshot.ts';
import { acceptedCommands, readSnapshot } from '../reads/accepted-commands.ts';
import { assertMayAct } from './assert-may-act.ts';
import { chooseClient } from './choose-client.ts';
import type { CommandDeps } from './command-deps.ts';
import { isAnswered, waitUntil } from './wait-until.ts';

export interface ImportRequest {
  tenantId: string;
  /** Name of the client that got these tokens; undefined: the tenant's own, or the default one. */
  client?: string | undefined;
  refreshToken: string;
  accessToken?: string | undefined;
  expiresAt?: string | undefined;
  scope?: string | undefined;
  /** Webhooks of the other system. They are deleted once ours stands. */
  webhooks: FormerWebhook[];
  waitSeconds: number;
  cause: Cause;
}

/** Calendly's access tokens live for two hours. A later end is a mistake, and would delay the refresh. */
const LONGEST_LIFE_MS = 2 * 60 * 60_000;
/** If the end of an access token is not given, the token is tried now, and refreshed soon. */
const UNKNOWN_LIFE_MS = 5 * 60_000;

/**
 * Takes tokens of another system for this tenant, without consent. `settled: false`: it was still under way when the time was over, or
 * waits because Calendly fails. It goes on by itself, and the same request joins it. Throws `already_connected`, `event_not_accepted` or
 * `import_refused`.
 */
export async function importConnection(deps: CommandDeps, request: ImportRequest): Promise<{ settled: boolean }> {
  assertMayAct(deps);
  const { tenantId, waitSeconds, cause } = request;
  const { version, importId } = await inTenantTransaction(deps, tenantId, async (trx) => {
    const client = await chooseClient(trx, deps, { tenantId, wanted: request.client, cause });
    const known = await findImport(trx, tenantId, request.refreshToken);
    const now = await readSnapshot(trx, tenantId);
    if (known !== undefined && now !== undefined && isStill(known, now.snapshot))
      return { version: now.version, importId: known.id };
    return begin(trx, deps, client, request);
  });
  await waitUntil(deps.changes, tenantId, waitSeconds, () => isAnswered(deps.db, tenantId, version));
  const outcome = await readImport(deps.db, importId);
  if (outcome?.outcome === 'failed') throw await refusal(deps, outcome);
  const stored = await readSnapshot(deps.db, tenantId);
  const state = stored === undefined ? '' : statePath(stored.snapshot.value);
  const isDone = outcome?.outcome === 'accepted' || state === 'authorizing.confirmingAccount';
  return { settled: isDone && (await isAnswered(deps.db, tenantId, version)) === true };
}

/** True while the import is under way, or if its tokens are what the connection has now. */
function isStill(
  { ended_at: endedAt, outcome, grant_id: grantId }: ImportRow,
  { context }: ConnectionSnapshot,
): boolean {
  return endedAt === null || (outcome === 'accepted' && context.grant?.id === grantId && !context.grant.lost);
}

async function begin(
  trx: Transaction<Database>,
  deps: CommandDeps,
  client: CalendlyClient,
  request: ImportRequest,
): Promise<{ version: number; importId: string }> {
  const { tenantId, cause } = request;
  const importId = randomUUID();
  const grantId = randomUUID();
  const dispatched = await dispatch(
    trx,
    deps,
    tenantId,
    async (inner) => {
      const now = deps.now();
      const tokens = tokensOf(request, now);
      const webhooks = await storeFormerWebhooks(inner, { tenantId, grantId, webhooks: request.webhooks, now });
      await storeImport(inner, deps.box, client, { id: importId, grantId, tenantId, tokens, now });
      const scope = tokens.scope.split(/\s+/).filter(Boolean);
      return { type: 'import', importId, grantId, scope, expiresAt: tokens.expiresAt.toISOString(), webhooks };
    },
    cause,
  );
  if (dispatched.accepted) return { version: dispatched.version, importId };
  // Thrown inside the transaction, so that nothing of it is stored.
  const { grant } = dispatched.before.context;
  if (grant !== null && !grant.lost) throw new ProblemError('already_connected');
  const acceptedEvents = acceptedCommands(dispatched.before, deps.now());
  throw new ProblemError(
    'event_not_accepted',
    `import is not accepted in the present state. It accepts ${acceptedEvents.join(', ')}.`,
    { extensions: { acceptedEvents } },
  );
}

function tokensOf({ refreshToken, accessToken, expiresAt, scope = '' }: ImportRequest, now: Date): ImportedTokens {
  const latest = now.getTime() + LONGEST_LIFE_MS;
  const end = expiresAt === undefined ? now.getTime() + UNKNOWN_LIFE_MS : Math.min(Date.parse(expiresAt), latest);
  return accessToken === undefined
    ? { refreshToken, accessToken: null, expiresAt: new Date(0), scope }
    : { refreshToken, accessToken, expiresAt: new Date(end), scope };
}

async function refusal(
  { db, clients }: CommandDeps,
  { tenant_id: tenantId, reason, message }: ImportRow,
): Promise<ProblemError> {
  const isDead = reason === 'invalid_grant' || reason === 'grant_lost';
  return new ProblemError(
    'import_refused',
    isDead
      ? `Calendly refuses these tokens. A refresh token works once, and only for the OAuth application that got it: here that is ${await nameOf(db, clients, tenantId)}.`
      : (message ?? 'The import was replaced by another attempt.'),
    { extensions: { reason } },
  );
}

async function nameOf(db: CommandDeps['db'], clients: readonly CalendlyClient[], tenantId: string): Promise<string> {
  const row = await db.selectFrom('connection').select('client').where('tenant_id', '=', tenantId).executeTakeFirst();
  const client = clients.find(({ name }) => name === row?.client);
  return client === undefined ? 'another client' : `the client ${client.oauth.clientId} (${client.name})`;
}
