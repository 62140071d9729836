import { once } from 'node:events';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';

/**
 * A small service for tests to kill: `node embedded-postgres-child.ts <dataDir> [volatile]`. Prints one JSON line per thing that
 * happened. On SIGINT it saves something, as the service saves tokens, and only then stops the database.
 */
const say = (line: object) => console.log(JSON.stringify(line));
const [dataDir = '', durability] = process.argv.slice(2);
const interrupted = once(process, 'SIGINT');
const hold = setInterval(() => {}, 60_000);
try {
  const log = { info: (message: string) => say({ log: message }), warn: (message: string) => say({ log: message }) };
  const postgres = await startEmbeddedPostgres({ dataDir, log, durable: durability !== 'volatile' });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create table if not exists saved (what text)');
  say({ url: postgres.url });
  await interrupted;
  await client.query(`insert into saved select 'after SIGINT' from pg_sleep(0.2)`);
  await client.end();
  await postgres.stop();
  say({ stopped: true });
} catch (error) {
  say({ error: (error as Error).message });
} finally {
  clearInterval(hold);
}
