import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.ts';
import { startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../../src/db/remove-embedded-postgres.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { startService } from '../../../src/boot/start-service.ts';
import { clientDocument } from './client-document.ts';
import { configurationDocument } from './configuration-document.ts';
import { diagnosesDocument } from './diagnoses-document.ts';
import { openapiDocument } from './openapi-document.ts';
import { schemaDocument } from './schema-document.ts';

/** Part of `npm run generate:docs`: writes what test/docs/generated.test.ts compares. */
const write = async (path: string, content: string) => {
  await writeFile(new URL(`../../../${path}`, import.meta.url), content);
  console.log(`${path} written.`);
};

await write('docs/configuration.md', configurationDocument());
await write('docs/diagnoses.md', diagnosesDocument());

const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-docs-'));
const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
const config = loadConfig({}, { dataDir });
const service = await startService({ config, databaseUrl: postgres.url, log: createLogger({ level: 'error' }) });
try {
  const description = await openapiDocument(service.app);
  await write('docs/openapi.json', description);
  await write('src/client/api.ts', clientDocument(JSON.parse(description)));
  await write('docs/schema.sql', await schemaDocument(service.deps.db));
} finally {
  await service.stop();
  await postgres.stop();
  await removeEmbeddedPostgres(dataDir);
}
