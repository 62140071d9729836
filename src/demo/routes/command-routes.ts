import { Type } from 'typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../web/app-type.ts';
import { TenantId } from '../../web/tenant-params.ts';
import type { DemoDeps } from '../demo-deps.ts';
import { HostApiError } from '../host-api.ts';
import { isSameOrigin } from '../same-origin.ts';

const ofTenant = { tenant: TenantId };
const Connect = Type.Object({ ...ofTenant, switch: Type.Optional(Type.Literal('true')) });
const Confirm = Type.Object({
  ...ofTenant,
  accept: Type.Union([Type.Literal('true'), Type.Literal('false')]),
  account: Type.String({ maxLength: 500 }),
});
const Book = Type.Object({ ...ofTenant, name: Type.String({ minLength: 1, maxLength: 100 }) });
const Tenant = Type.Object(ofTenant);

/** The buttons. Each one does what a host's back end would do, and sends the browser back to the page. */
export function commandRoutes(app: App, deps: DemoDeps): void {
  const { api, sandbox, session, publicUrl, port } = deps;
  const preValidation = async (request: FastifyRequest) => {
    if (!isSameOrigin(request, publicUrl, port)) {
      throw new HostApiError(403, {
        code: 'foreign_origin',
        detail: `This form works only on ${publicUrl}/, but it was sent from another address.`,
      });
    }
  };

  app.post('/demo/connect', { preValidation, schema: { body: Connect } }, async ({ body }, reply) => {
    const { authorizeUrl } = await api.connect(body.tenant, {
      returnTo: pageOf(publicUrl, body.tenant),
      switchAccount: body.switch === 'true',
      completion: 'host',
    });
    session.begin(reply, body.tenant);
    if (authorizeUrl !== null) return reply.redirect(authorizeUrl, 303);
    const connection = await api.connection(body.tenant);
    return back(reply, body.tenant, connection?.state === 'connected' ? 'reconnected' : 'pending');
  });

  app.post(
    '/demo/confirm',
    { preValidation, schema: { body: Confirm } },
    async ({ body: { tenant, accept, account } }, reply) => {
      await api.confirmAccount(tenant, accept === 'true', account);
      return back(reply, tenant, accept === 'true' ? 'switched' : 'kept');
    },
  );

  app.post('/demo/book', { preValidation, schema: { body: Book } }, async ({ body: { tenant, name } }, reply) => {
    const account = await accountOf(deps, tenant);
    const email = `${
      name
        .toLowerCase()
        .normalize('NFKD')
        .replace(/[^a-z0-9]+/g, '.')
        .replace(/^\.+|\.+$/g, '') || 'guest'
    }@guest.example`;
    sandbox.controls.book({ account, name, email });
    return back(reply, tenant, 'booked');
  });

  app.post('/demo/revoke', { preValidation, schema: { body: Tenant } }, async ({ body: { tenant } }, reply) => {
    sandbox.controls.accounts.revokeLogin(await accountOf(deps, tenant));
    return back(reply, tenant, 'revoked');
  });

  app.post('/demo/fetch', { preValidation, schema: { body: Tenant } }, async ({ body: { tenant } }, reply) => {
    await api.resync(tenant);
    return back(reply, tenant, 'fetching');
  });

  app.post('/demo/fail', { preValidation, schema: { body: Tenant } }, async ({ body: { tenant } }, reply) => {
    await accountOf(deps, tenant);
    const body = { title: 'Service Unavailable', message: 'Calendly is down, as you wished.' };
    sandbox.controls.faults.add({
      kind: 'respond',
      method: 'GET',
      path: '/webhook_subscriptions',
      times: 2,
      status: 503,
      body,
    });
    await api.resync(tenant);
    return back(reply, tenant, 'failing');
  });

  app.post('/demo/disconnect', { preValidation, schema: { body: Tenant } }, async ({ body: { tenant } }, reply) => {
    await api.disconnect(tenant);
    const connection = await api.connection(tenant);
    return back(reply, tenant, connection?.debts.length ? 'settling' : 'disconnected');
  });
}

const pageOf = (base: string, tenant: string): string => `${base}/?tenant=${encodeURIComponent(tenant)}`;
const back = (reply: FastifyReply, tenant: string, did: string): FastifyReply =>
  reply.redirect(`${pageOf('', tenant)}&did=${did}`, 303);

/** The sandbox's name of the account that the tenant is linked with. */
async function accountOf({ api, sandbox }: DemoDeps, tenant: string): Promise<string> {
  const connection = await api.connection(tenant);
  const account = sandbox.controls.accounts.list().find(({ uri }) => uri === connection?.account?.uri);
  if (!account)
    throw new HostApiError(409, { code: 'not_connected', detail: 'This customer is not connected any more.' });
  return account.slug;
}
