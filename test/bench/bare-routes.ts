import fastify from 'fastify';
import { sql } from 'kysely';
import { verifyDelivery } from '../../src/calendly/signature.ts';
import type { Surroundings } from './surroundings.ts';

/** The least that could do the same, on the same HTTP stack, the same pool and the same database. */
export async function startBareRoutes({
  service,
  tenants,
}: Surroundings): Promise<{ url: string; close(): Promise<void> }> {
  const { db } = service.deps;
  await sql`create table if not exists bench_received (id bigint generated always as identity primary key, body bytea not null)`.execute(
    db,
  );
  const app = fastify({ logger: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  app.post('/verify', async (request) => {
    const header = request.headers['calendly-webhook-signature'];
    const keys = [{ id: 'bench', of: 'subscription' as const, value: tenants[0]!.webhook.key }];
    const verified = verifyDelivery(request.body as Buffer, String(header), keys, new Date());
    if ('refused' in verified) throw new Error(verified.refused);
    return {};
  });
  app.post('/insert', async (request) => {
    await sql`insert into bench_received (body) values (${request.body})`.execute(db);
    return {};
  });
  app.get<{ Params: { tenantId: string } }>('/read/:tenantId', async (request) => {
    const { rows } =
      await sql`select tenant_id, expires_at from oauth_grant where tenant_id = ${request.params.tenantId} and status = 'current'`.execute(
        db,
      );
    return rows[0];
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => app.close() };
}
