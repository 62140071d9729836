import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';
import { migrateToLatest } from '../../../src/db/migrate.ts';
import { removeEmbeddedPostgres } from '../../../src/db/remove-embedded-postgres.ts';
import { startBoss } from '../../../src/jobs/queues.ts';
import type { TestDatabase } from './test-database.ts';

/** A durable PostgreSQL of the test's own, which it may crash: what was committed is there afterwards. `end()` stops it and removes its data. */
export async function startOwnPostgres(): Promise<TestDatabase & { end(): Promise<void> }> {
  const name = 'own';
  const dataDir = await mkdtemp(join(tmpdir(), 'calendly-reconnect-own-'));
  const postgres = await startEmbeddedPostgres({ dataDir, database: name });
  const { db, pool, close } = openDatabase({ url: postgres.url });
  await migrateToLatest(db);
  const boss = await startBoss({ url: postgres.url, max: 1, onError: () => {} });
  await boss.stop({ graceful: false, close: true });
  const end = async () => {
    await close();
    await postgres.stop();
    await removeEmbeddedPostgres(dataDir);
  };
  return { url: postgres.url, name, db, pool, close, end };
}
