import type { Transaction } from 'kysely';
import { inTenantTransaction } from '../../connection/dispatch/in-tenant-transaction.ts';
import { type Static, Type } from 'typebox';
import { readSnapshot } from '../../connection/reads/accepted-commands.ts';
import { dispatch } from '../../connection/dispatch/dispatch.ts';
import { statePath, type ConnectionSnapshot } from '../../connection/dispatch/snapshot.ts';
import { waitUntil } from '../../connection/commands/wait-until.ts';
import { isAccessTokenGood, isIssuedBy, readAccessToken, type GrantRow } from '../../grants/grant-rows.ts';
import { pauseBeforeRefresh } from '../../grants/refresh-intents.ts';
import { SealedBoxError } from '../../grants/sealed-box-error.ts';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import { assertMayAct } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { waitSeconds } from '../prefer.ts';
import { shareByKey } from '../../connection/commands/share-by-key.ts';
import { failures, TenantParams } from '../schemas.ts';

const Answer = Type.Object({ accessToken: Type.String(), expiresAt: Type.String({ format: 'date-time' }) });
type Token = Static<typeof Answer>;
/** What a caller can count on: below this, the token is refreshed before it is handed out. */
const GOOD_FOR_SECONDS = 60;

export function accessTokenRoute(app: App, deps: HttpDeps): void {
  // Hundreds may wait for one refresh: they look at the database as one, and ask the machine as one.
  const look = shareByKey((tenantId) => tokenOf(deps, tenantId));
  const progress = shareByKey((tenantId) => readSnapshot(deps.db, tenantId));
  const ask = shareByKey((tenantId) => askForRefresh(deps, tenantId));

  app.get(
    '/v1/tenants/:tenantId/access-token',
    {
      schema: {
        summary: 'An access token that is good for at least a minute',
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    async (request, reply) => {
      assertMayAct(deps);
      const { tenantId } = request.params;
      reply.header('cache-control', 'no-store');
      const ready = await look(tenantId);
      if (ready) return ready;

      const version = await ask(tenantId);
      const token = await waitUntil(deps.changes, tenantId, waitSeconds(request.headers.prefer), async () => {
        // In this order: a refresh that has ended by the first look has left its token for the second.
        const now = await progress(tenantId);
        const isComing = now !== undefined && (now.version < version || isUnderWay(now.snapshot));
        return (await look(tenantId)) ?? (isComing ? undefined : null);
      });
      if (!token) throw tokenUnavailable(2);
      return token;
    },
  );
}

/** The stored token if it is good; undefined if it has to be refreshed; a 409 if there is nothing to refresh, a 503 if it is too early. */
function tokenOf(deps: HttpDeps, tenantId: string): Promise<Token | undefined> {
  // One view of grant and credential: a refresh in between would take away the one that the other names.
  return deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((trx) => readToken(trx, deps, tenantId));
}

async function readToken(db: Transaction<Database>, deps: HttpDeps, tenantId: string): Promise<Token | undefined> {
  const { oauth, now } = deps;
  const tenant = await db
    .selectFrom('connection')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (tenant === undefined) throw new ProblemError('tenant_unknown');
  const grant: GrantRow | undefined = await db
    .selectFrom('oauth_grant')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'current')
    .executeTakeFirst();
  if (grant === undefined || !isIssuedBy(grant, oauth)) throw new ProblemError('no_usable_grant');
  if (isAccessTokenGood(grant, now(), GOOD_FOR_SECONDS)) {
    const accessToken = await openAccessToken(db, deps, grant);
    if (accessToken !== null) return { accessToken, expiresAt: grant.expires_at.toISOString() };
  }
  if (grant.lost_at !== null) throw new ProblemError('no_usable_grant');
  // Hosts ask again and again: what they wait for must not cost Calendly a call each time.
  const pause = pauseBeforeRefresh(grant, now());
  if (pause > 0) throw tokenUnavailable(Math.ceil(pause / 1000));
  return undefined;
}

const tokenUnavailable = (seconds: number): ProblemError =>
  new ProblemError('token_unavailable', undefined, { headers: { 'retry-after': String(seconds) } });

/** null: the stored token is gone, or no key opens it; the refresh that is asked for then tells the connection which. */
async function openAccessToken(db: Transaction<Database>, { box }: HttpDeps, grant: GrantRow): Promise<string | null> {
  try {
    return await readAccessToken(db, box, grant);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}

/** One refresh serves everybody who asks: the machine is told only when none is under way. */
async function askForRefresh(deps: HttpDeps, tenantId: string): Promise<number> {
  const now = await readSnapshot(deps.db, tenantId);
  if (now !== undefined && isUnderWay(now.snapshot)) return now.version;
  return inTenantTransaction(deps, tenantId, async (trx) => {
    await trx
      .selectFrom('connection')
      .select('version')
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
    // Looked again under the lock: a refresh that began or ended meanwhile serves this request as well, and a second one would be one too many.
    const locked = await readSnapshot(trx, tenantId);
    if (locked !== undefined && (isUnderWay(locked.snapshot) || (await readToken(trx, deps, tenantId))))
      return locked.version;
    return (await dispatch(trx, deps, tenantId, { type: 'token.needed' }, { kind: 'route', route: 'access-token' }))
      .version;
  });
}

const isUnderWay = (snapshot: ConnectionSnapshot): boolean =>
  snapshot.context.upkeep || statePath(snapshot.value) === 'refreshing.refreshingToken';
