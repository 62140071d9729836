import { Command } from 'commander';
import { importCommand } from './import/import-command.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

const DESCRIPTION = `Connects the tenants of a file with the tokens of another system, without consent (docs/moving-in.md has the columns and the steps).

The service is SERVICE_URL (http://127.0.0.1:3000), and SERVICE_API_KEY a key of it. Exit code 1: something is left to do.`;

interface Options {
  dryRun?: boolean;
  concurrency: string;
  json?: boolean;
}

export const importTenantsCommand = ({ env }: Terminal): Command =>
  new Command('import')
    .summary('connect tenants with the tokens of another system')
    .description(DESCRIPTION)
    .argument('<file>', 'NDJSON or CSV; - for what is piped in')
    .option('--dry-run', 'present no token and change nothing: say what would be done')
    .option('--concurrency <n>', 'tenants at the same time', '8')
    .option('--json', 'the report for programs')
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
