import { sql, type Kysely } from 'kysely';
import type { Config } from '../../config/load-config.ts';
import { openDatabase, type Database } from '../../db/database.ts';
import { listForeign, listPending } from '../../db/migrate.ts';
import { tlsProblem } from '../../db/tls-problem.ts';
import { runningEmbeddedUrl } from '../../db/running-embedded-url.ts';
import { broken, reasonOf, unknown, warning, well, type Finding } from './finding.ts';

const LEAST_VERSION = 150_000;
/** Deliveries that are signed more than five minutes ahead of our clock are refused, and this clock says when tokens are refreshed. */
const CLOCKS_WARN_MS = 2_000;
const CLOCKS_BROKEN_MS = 60_000;

/** Only reads: nothing is created, migrated or locked. */
export async function checkDatabase(config: Config): Promise<Finding[]> {
  const url = config.databaseUrl ?? (await runningEmbeddedUrl(`${config.dataDir}/postgres`));
  if (url === undefined)
    return [unknown('Database', `The embedded PostgreSQL of ${config.dataDir} is not running. \`serve\` starts it.`)];
  const { db, close } = openDatabase({ url, max: 1 });
  try {
    const version = await checkVersion(db);
    return [version, await checkClock(db), ...(await checkRights(db)), await checkInstallation(db, config)];
  } catch (error) {
    const tls = tlsProblem(error);
    if (tls !== null) return [broken('Database', tls, 'Nothing was sent over that connection.')];
    const advice =
      config.databaseUrl === null
        ? 'Read the log of the service.'
        : 'Check DATABASE_URL, and whether PostgreSQL accepts connections from this machine.';
    return [broken('Database', `The database cannot be reached or read (${reasonOf(error)}).`, advice)];
  } finally {
    await close();
  }
}

async function checkVersion(db: Kysely<Database>): Promise<Finding> {
  const { rows } = await sql<{ number: number; name: string }>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as name`.execute(db);
  const { number, name } = rows[0]!;
  if (number >= LEAST_VERSION) return well('Database', `PostgreSQL ${name} answers.`);
  return broken('Database', `PostgreSQL ${name} is too old.`, 'Use PostgreSQL 15 or later.');
}

async function checkClock(db: Kysely<Database>): Promise<Finding> {
  const before = Date.now();
  const { rows } = await sql<{
    ms: number;
  }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db);
  const apart = Math.abs(rows[0]!.ms - (before + Date.now()) / 2);
  const says = `This machine's clock and the database's are ${(apart / 1000).toFixed(1)} s apart.`;
  if (apart <= CLOCKS_WARN_MS) return well('Clock', says);
  const advice = 'Set both clocks by NTP: tokens and signatures depend on the time.';
  return apart <= CLOCKS_BROKEN_MS ? warning('Clock', says, advice) : broken('Clock', says, advice);
}

/** The rights that `serve` needs in order to migrate. If no migration is pending, it needs none of them. */
async function checkRights(db: Kysely<Database>): Promise<Finding[]> {
  const { rows } = await sql<{ tables: boolean; schemas: boolean; jobs: boolean; role: string; schema: string | null }>`
    select coalesce(has_schema_privilege(current_schema(), 'create'), false) as tables, current_schema() as schema,
      has_database_privilege(current_database(), 'create') as schemas, current_user as role,
      exists (select from pg_namespace where nspname = 'pgboss') as jobs`.execute(db);
  const { tables, schemas, jobs, role, schema } = rows[0]!;
  const pending = await listPending(db);
  const findings: Finding[] = [];
  if (pending.length > 0 && !tables)
    findings.push(
      broken(
        'Rights',
        `${role} may not create tables${schema === null ? '' : ` in the schema ${schema}`}, and ${pending.length} migrations are missing.`,
        'Run `calendly-reconnect migrate` once with a role that may, or grant the right: grant create on schema public to that role.',
      ),
    );
  if (!jobs && !schemas)
    findings.push(
      broken(
        'Rights',
        `${role} may not create the schema pgboss, which does not exist.`,
        `Let the owner of the database run this once: create schema pgboss authorization ${role}.`,
      ),
    );
  if (findings.length === 0) findings.push(well('Rights', `${role} has all necessary rights.`));
  if (pending.length > 0)
    findings.push(
      warning(
        'Migrations',
        `${pending.length} are missing, beginning with ${pending[0]}.`,
        '`serve` or `migrate` runs them.',
      ),
    );
  else findings.push(well('Migrations', 'The database is up to date.'));
  const foreign = await listForeign(db);
  if (foreign.length > 0)
    findings.push(
      warning(
        'Release',
        `A newer release has migrated this database (${foreign.join(', ')}).`,
        'One step back works. Before two steps back, put the backup of that time in place.',
      ),
    );
  return findings;
}

async function checkInstallation(db: Kysely<Database>, config: Config): Promise<Finding> {
  const { rows: tables } = await sql<{
    there: boolean;
  }>`select to_regclass('installation') is not null as there`.execute(db);
  const row = tables[0]!.there ? await db.selectFrom('installation').selectAll().executeTakeFirst() : undefined;
  if (row === undefined) return well('Installation', 'The database is new. It will belong to this installation.');
  const { publicUrl, calendly } = config;
  if (row.public_url === publicUrl && row.client_id === calendly.clientId && row.api_base_url === calendly.apiBaseUrl)
    return well('Installation', `The database belongs to this installation (${publicUrl}).`);
  return broken(
    'Installation',
    `The database was written by ${row.public_url} with the client ${row.client_id} at ${row.api_base_url}.`,
    `Use those settings, or let this installation take over: ADOPT_INSTALLATION=${publicUrl}. Until then the service only reads.`,
  );
}
