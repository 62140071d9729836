import type { Transaction } from 'kysely';
import { DEFAULT_CLIENT, type CalendlyClient } from '../../calendly/client.ts';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';
import { clientRemoved } from '../../grants/client-of-grant.ts';
import type { Cause } from '../dispatch/cause.ts';
import { ensureConnection } from '../dispatch/dispatch.ts';
import type { CommandDeps } from './command-deps.ts';

/**
 * Locks the tenant's connection, or makes it, and gives the client that it connects with: the one named at its first connect or import, and
 * the same from then on. Another one can be named once the tenant is disconnected and no webhook made with the former one is left to delete.
 * Throws `client_unknown`, `client_fixed` or `client_removed`; the caller's transaction keeps nothing then.
 */
export async function chooseClient(
  trx: Transaction<Database>,
  deps: CommandDeps,
  { tenantId, wanted, cause }: { tenantId: string; wanted: string | undefined; cause: Cause },
): Promise<CalendlyClient> {
  const { clients } = deps;
  if (wanted !== undefined && !clients.some(({ name }) => name === wanted))
    throw new ProblemError('client_unknown', `Configured are ${clients.map(({ name }) => name).join(', ')}.`);
  const { client: stored, state } = await lock(trx, deps, tenantId, cause);
  const isFree = state === 'disconnected';
  // Before there were several clients, nothing was stored: there was only this one.
  const former = stored ?? (isFree ? null : DEFAULT_CLIENT);
  if (former !== null && wanted !== undefined && wanted !== former) {
    if (!isFree)
      throw new ProblemError(
        'client_fixed',
        `This tenant is connected with the client ${former}. Disconnect it before you connect it with ${wanted}.`,
      );
    if (await owesWebhook(trx, tenantId))
      throw new ProblemError(
        'client_fixed',
        `A webhook made with the client ${former} is still to be deleted at Calendly. Try again when no debt is left.`,
      );
  }
  const name = wanted ?? former ?? DEFAULT_CLIENT;
  const client = clients.find((each) => each.name === name);
  if (client === undefined)
    throw new ProblemError(
      'client_removed',
      `${clientRemoved(name).message} Or disconnect the tenant and name another client.`,
    );
  if (stored !== name)
    await trx.updateTable('connection').set({ client: name }).where('tenant_id', '=', tenantId).execute();
  return client;
}

async function lock(
  trx: Transaction<Database>,
  deps: CommandDeps,
  tenantId: string,
  cause: Cause,
): Promise<{ client: string | null; state: string }> {
  const read = () =>
    trx
      .selectFrom('connection')
      .select(['client', 'state'])
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
  const known = await read();
  if (known !== undefined) return known;
  await ensureConnection(trx, deps, tenantId, cause);
  return (await read())!;
}

/** Whether another application may delete it is not known of Calendly: its 404 would be taken for a deletion. */
async function owesWebhook(trx: Transaction<Database>, tenantId: string): Promise<boolean> {
  const debt = await trx
    .selectFrom('debt')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'subscription')
    .where('settled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return debt !== undefined;
}
