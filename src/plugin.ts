import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { Config } from './config/load-config.ts';
import { answerNotFound } from './web/problems.ts';
import { describeRoutes } from './http/plugins/describe-routes.ts';
import { registerRoutes } from './http/register-routes.ts';
import { registerInspector } from './inspector/register-inspector.ts';
import { createLogger, type Logger } from './logger/create-logger.ts';
import { startEngine } from './boot/start-engine.ts';

export interface CalendlyReconnectOptions {
  /** From `loadConfig(process.env, …)`. Its PUBLIC_URL has to contain the prefix that the plugin is registered with. */
  config: Config;
  /** The config's DATABASE_URL if not given. */
  databaseUrl?: string;
  log?: Logger;
}

/**
 * The service inside a host's Fastify application: `app.register(calendlyReconnect, { prefix: '/calendly', config })`.
 * Routes, error handling and body parsers stay within the plugin's scope; closing the host stops the workers, answers first.
 * The host needs `routerOptions: { maxParamLength: 512 }`, or tenant ids over 100 characters are not found.
 */
export const calendlyReconnect: FastifyPluginAsync<CalendlyReconnectOptions> = async (
  host,
  { config, databaseUrl = config.databaseUrl, log },
) => {
  if (databaseUrl === null)
    throw new Error('Inside an application, DATABASE_URL is needed: no database comes along there.');
  const engine = await startEngine({ config, databaseUrl, log: log ?? createLogger({ level: config.logLevel }) });
  host.addHook('preClose', async () => engine.endWaits());
  host.addHook('onClose', () => engine.stop());
  // Without a prefix, the host answers requests for which there is no route.
  if (host.prefix !== '') answerNotFound(host);
  const app = host.withTypeProvider<TypeBoxTypeProvider>();
  await describeRoutes(app);
  await registerRoutes(app, engine.http, engine.metrics);
  await registerInspector(app, engine.inspector);
};
