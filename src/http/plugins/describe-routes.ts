import swagger from '@fastify/swagger';
import type { App } from '../../web/app-type.ts';
import { docsPage } from '../docs-page.ts';
import { DESCRIBED_EVENTS } from '../event-schemas.ts';
import { nameSchemas, type ApiDocument } from '../name-schemas.ts';
import { sendPage } from '../../web/send-page.ts';
import { TAGS } from '../tags.ts';

/** Makes `/openapi.json` and `/docs` from the routes' own schemas. Has to come before the routes. */
export async function describeRoutes(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Calendly Reconnect',
        version: '1',
        description: "The lifecycle of every tenant's Calendly connection.",
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    },
    transformObject: (made) =>
      'openapiObject' in made
        ? (nameSchemas(made.openapiObject as ApiDocument, DESCRIBED_EVENTS) as typeof made.openapiObject)
        : made.swaggerObject,
  });
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => {
    const document = app.swagger() as ApiDocument;
    return sendPage(reply, 200, document.info.title, docsPage(document), 'wide');
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
