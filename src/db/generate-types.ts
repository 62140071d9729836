import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrateToLatest } from './migrate.ts';
import { removeEmbeddedPostgres } from './remove-embedded-postgres.ts';
import { typesOfSchema } from './types-of-schema.ts';

/** `npm run generate:types`: migrates an empty database and writes down what it looks like. */
const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-types-'));
const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
const database = openDatabase({ url: postgres.url, max: 1 });
try {
  await migrateToLatest(database.db);
  await writeFile(new URL('./types.ts', import.meta.url), await typesOfSchema(database.db));
} finally {
  await database.close();
  await postgres.stop();
  await removeEmbeddedPostgres(dataDir);
}
