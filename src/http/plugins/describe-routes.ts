import swagger from '@fastify/swagger';
import type { App } from '../../web/app-type.ts';
import { docsPage, type ApiDocument } from '../docs-page.ts';
import { sendPage } from '../send-page.ts';

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
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => {
    const document = app.swagger() as ApiDocument;
    return sendPage(reply, 200, document.info.title, docsPage(document), 'wide');
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
