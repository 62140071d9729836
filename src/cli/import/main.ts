import { parseArgs } from 'node:util';
import { importCommand } from './import-command.ts';

const USAGE = `npm run import -- FILE [--dry-run] [--concurrency N] [--json]

Connects the tenants of FILE (NDJSON or CSV, - for what is piped in) with the tokens of another system, without consent.
docs/moving-in.md has the columns and the steps. The service is SERVICE_URL (http://127.0.0.1:3000), SERVICE_API_KEY a key of it.

--dry-run        presents no token and changes nothing: says what would be done
--concurrency N  tenants at the same time (8)
--json           the report for programs
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '8' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length !== 1 || values.help) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 64;
  }
  return importCommand(
    {
      file,
      dryRun: values['dry-run'],
      concurrency: Number(values.concurrency),
      json: values.json,
      url: process.env['SERVICE_URL'] ?? 'http://127.0.0.1:3000',
      apiKey: process.env['SERVICE_API_KEY'] ?? '',
    },
    process,
  );
}

process.exitCode = await main();
