import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../../web/app-type.ts';

/** `/openapi.json` and `/docs`, from the routes' own schemas. Has to come before the routes. */
export async function describeRoutes(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Calendly Reconnect',
        version: '1',
        description: "The lifecycle of every tenant's Calendly connection.",
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
