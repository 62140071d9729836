import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase } from '../db/database.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { runningEmbeddedUrl } from '../db/running-embedded-url.ts';
import { ProblemError } from '../errors.ts';
import type { Bundle } from '../connection/reads/bundle.ts';
import { makeBundle } from '../connection/reads/make-bundle.ts';
import { openBundle } from '../connection/reads/open-bundle.ts';
import { printStory } from './print-story.ts';

const USAGE = `npm run inspect -- TENANT           what happened to a tenant, oldest first
npm run inspect -- TENANT --json    the same as the inspector's bundle
npm run inspect -- BUNDLE.json      the story of an exported bundle

The database is DATABASE_URL, else the embedded one under .data (running or not).
`;
const DATA_DIR = fileURLToPath(new URL('../../.data/postgres', import.meta.url));

/** Reads and changes nothing. Exit codes: 0 printed, 1 no such tenant or file, 64 wrong use. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  });
  const [subject] = positionals;
  if (subject === undefined || positionals.length !== 1 || values.help) {
    process.stderr.write(USAGE);
    process.exitCode = values.help ? 0 : 64;
    return;
  }
  const bundle = subject.endsWith('.json') ? await fromFile(subject) : await fromDatabase(subject);
  if (bundle === undefined) return;
  process.stdout.write(values.json ? `${JSON.stringify(bundle, null, 1)}\n` : printStory(bundle));
}

async function fromFile(path: string): Promise<Bundle | undefined> {
  const opened = openBundle(await readFile(path, 'utf8'));
  if ('bundle' in opened) return opened.bundle;
  return fail(opened.problem);
}

async function fromDatabase(tenantId: string): Promise<Bundle | undefined> {
  const { url, stop } = await findDatabase(process.env['DATABASE_URL']);
  const { db, close } = openDatabase({ url, max: 1 });
  try {
    // Only the replay page's curl lines use the bases, and they are the usual ones.
    const bases = { authBaseUrl: 'https://auth.calendly.com', apiBaseUrl: 'https://api.calendly.com' };
    return await makeBundle(db, tenantId, { now: new Date(), exportedBy: 'npm run inspect', bases });
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'tenant_unknown')
      return fail(`No tenant ${tenantId} is known.`);
    throw error;
  } finally {
    await close();
    await stop();
  }
}

async function findDatabase(configured: string | undefined): Promise<{ url: string; stop(): Promise<void> }> {
  const running = configured?.trim() || (await runningEmbeddedUrl(DATA_DIR));
  if (running !== undefined) return { url: running, stop: async () => {} };
  return startEmbeddedPostgres({ dataDir: DATA_DIR });
}

function fail(problem: string): undefined {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

await main();
