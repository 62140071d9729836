import { Command } from 'commander';
import { importCommand } from './import/import-command.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

const DESCRIPTION = `Connects the tenants of a file with the tokens of another system, without consent (docs/moving-in.md has the columns and the steps).

SERVICE_URL is the address of the service (http://127.0.0.1:3000), and SERVICE_API_KEY one of its keys. Exit code 1: some tenants need a person.`;

interface Options {
  dryRun?: boolean;
  concurrency: string;
  json?: boolean;
}

export const importTenantsCommand = ({ env }: Terminal): Command =>
  new Command('import')
    .summary('connect tenants with the tokens of another system')
    .description(DESCRIPTION)
    .argument('<file>', 'an NDJSON or CSV file; - reads standard input')
    .option('--dry-run', 'change nothing, send no token to Calendly, and say what would be done')
    .option('--concurrency <n>', 'how many tenants at the same time', '8')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, { dryRun = false, concurrency, json = false }: Options) => {
      const given = {
        file,
        dryRun,
        concurrency: Number(concurrency),
        json,
        url: env['SERVICE_URL'] ?? 'http://127.0.0.1:3000',
        apiKey: env['SERVICE_API_KEY'] ?? '',
      };
      const exitCode = await importCommand(given, process);
      if (exitCode !== 0) throw new CommandFailed('', exitCode);
    });
