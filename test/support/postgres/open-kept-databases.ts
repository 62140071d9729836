import { once } from 'node:events';
import { startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';

/** `node test/support/postgres/open-kept-databases.ts <directory>`: to look at what a failed test left, until Ctrl-C. */
const [dataDir] = process.argv.slice(2);
if (!dataDir) throw new Error('Which directory? The failed test run printed it.');
const postgres = await startEmbeddedPostgres({ dataDir, database: 'postgres', durable: false });
console.log(`${postgres.url} (Ctrl-C ends it)`);
const hold = setInterval(() => {}, 60_000);
await once(process, 'SIGINT');
clearInterval(hold);
await postgres.stop();
