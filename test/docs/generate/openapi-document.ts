import type { App } from '../../../src/web/app-type.ts';

/** `docs/openapi.json`: what the application says of its own routes. */
export async function openapiDocument(app: App): Promise<string> {
  await app.ready();
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}
