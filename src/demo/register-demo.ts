import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyError } from 'fastify';
import { ProblemError, problems } from '../errors.ts';
import type { App } from '../web/app-type.ts';
import { html } from '../html/html.ts';
import type { Sandbox } from '../sandbox/index.ts';
import { createCustomerSession } from './customer-session.ts';
import type { DemoDeps } from './demo-deps.ts';
import { createHostApi, HostApiError } from './host-api.ts';
import { sendDemoPage } from './pages/send-demo-page.ts';
import { assetRoutes } from './routes/asset-routes.ts';
import { commandRoutes } from './routes/command-routes.ts';
import { pageRoute } from './routes/page-route.ts';

export interface DemoOptions {
  apiKey: string;
  sandbox: Sandbox;
  publicUrl: string;
  port: number;
}

/** A small host product at `/` that uses the service's own HTTP interface. It exists only together with the sandbox. */
export async function registerDemo(app: App, { apiKey, ...options }: DemoOptions): Promise<void> {
  const deps: DemoDeps = { ...options, api: createHostApi(app, apiKey), session: createCustomerSession(apiKey) };
  await app.register(async (scope) => {
    await scope.register(cookie);
    await scope.register(formbody);
    scope.addHook('onRoute', (route) => {
      // These routes do not belong to the service's interface, and an open page that looks again does not make a line in the log.
      route.schema = { ...route.schema, hide: true };
      route.logLevel = 'warn';
    });
    scope.setErrorHandler((error: FastifyError | HostApiError | ProblemError, request, reply) => {
      const status = statusOf(error);
      if (status >= 500) request.log.error({ err: error }, 'the demo page failed');
      const told =
        'validation' in error && error.validation
          ? 'A customer’s id has 1 to 128 letters, digits and . _ : -'
          : status < 500
            ? error.message
            : 'The service could not do this just now.';
      return sendDemoPage(reply, status, {
        title: 'That did not work',
        sandboxUrl: deps.sandbox.url,
        body: html`<section class="card"><h2>That did not work</h2><p>${told}</p><p><a href="/">Back to the demo</a></p></section>`,
      });
    });
    const pages = scope.withTypeProvider<TypeBoxTypeProvider>();
    pageRoute(pages, deps);
    commandRoutes(pages, deps);
    assetRoutes(pages);
  });
}

function statusOf(error: FastifyError | HostApiError | ProblemError): number {
  if (error instanceof HostApiError) return error.status;
  return error instanceof ProblemError ? problems[error.code].status : (error.statusCode ?? 500);
}
