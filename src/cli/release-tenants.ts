import { Command } from 'commander';
import { releaseCommand } from './release/release-command.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

const DESCRIPTION = `Hands out the tokens of tenants once, without revoking them. It deletes the webhooks and disconnects the tenants (docs/moving-in.md).

Only the file's owner can read it. \`import\` can read it too. Given again, the command skips the tenants that are in the file already. SERVICE_URL is the
address of the service (http://127.0.0.1:3000), and SERVICE_API_KEY one of its keys. Exit code 1: something is left to do.`;

interface Options {
  out: string;
  file?: string;
  concurrency: string;
}

export const releaseTenantsCommand = ({ env, say }: Terminal): Command =>
  new Command('release')
    .summary('hand tenants over to another system')
    .description(DESCRIPTION)
    .argument('[tenant...]', 'the tenants to hand over')
    .requiredOption('--out <file>', 'the file for the tokens, with one JSON line per tenant')
    .option('--file <file>', 'more tenants: NDJSON or CSV with tenant_id')
    .option('--concurrency <n>', 'how many tenants at the same time', '4')
    .action(async (tenants: string[], { out, file, concurrency }: Options) => {
      const url = env['SERVICE_URL'] ?? 'http://127.0.0.1:3000';
      const apiKey = env['SERVICE_API_KEY'] ?? '';
      const exitCode = await releaseCommand({ tenants, file, out, url, apiKey, concurrency: Number(concurrency) }, say);
      if (exitCode !== 0) throw new CommandFailed('', exitCode);
    });
