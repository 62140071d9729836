import { resolve } from 'node:path';
import { parseDatabaseUrl } from '../config/parsers.ts';
import { readSecretFiles } from '../config/read-secret-files.ts';
import { openDatabase, type OpenDatabase } from '../db/database.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { runningEmbeddedUrl } from '../db/running-embedded-url.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

/**
 * Opens the database of the service, whether the service runs or not: DATABASE_URL, else the embedded one of the data folder. It reads no
 * other setting, so that a person can read a database without the secrets of the service.
 */
export async function withStored<T>(terminal: Terminal, use: (db: OpenDatabase['db']) => Promise<T>): Promise<T> {
  const { url, stop } = await findDatabase(terminal);
  const { db, close } = openDatabase({ url, max: 1 });
  try {
    return await use(db);
  } finally {
    await close();
    await stop();
  }
}

export async function findDatabase(terminal: Terminal): Promise<{ url: string; stop(): Promise<void> }> {
  const { env, faults } = readSecretFiles(terminal.env);
  const ofFile = faults.find(({ variable }) => variable === 'DATABASE_URL_FILE');
  if (ofFile) throw new CommandFailed(`${ofFile.variable} ${ofFile.problem}`, 78);
  const configured = env['DATABASE_URL']?.trim();
  if (configured) {
    const parsed = parseDatabaseUrl(configured);
    if ('problem' in parsed) throw new CommandFailed(`DATABASE_URL ${parsed.problem}`, 78);
    return { url: parsed.value, stop: async () => {} };
  }
  const dataDir = resolve(env['DATA_DIR']?.trim() || terminal.dataDir, 'postgres');
  const running = await runningEmbeddedUrl(dataDir);
  return running === undefined ? startEmbeddedPostgres({ dataDir }) : { url: running, stop: async () => {} };
}
