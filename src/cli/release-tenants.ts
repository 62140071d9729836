import { Command } from 'commander';
import { releaseCommand } from './release/release-command.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

const DESCRIPTION = `Hands tokens out, once, without revoking them; the webhooks are deleted and the tenants disconnected (docs/moving-in.md).

The file is readable by its owner alone, and is what \`import\` reads. The service is SERVICE_URL (http://127.0.0.1:3000), and SERVICE_API_KEY a key of it.`;

export const releaseTenantsCommand = ({ env, say }: Terminal): Command =>
  new Command('release')
    .summary('hand tenants over to another system')
    .description(DESCRIPTION)
    .argument('<tenant...>', 'whom to hand over')
    .requiredOption('--out <file>', 'where the tokens go, one JSON line each')
    .action(async (tenants: string[], { out }: { out: string }) => {
      const url = env['SERVICE_URL'] ?? 'http://127.0.0.1:3000';
      const given = { tenants, out, url, apiKey: env['SERVICE_API_KEY'] ?? '' };
      const exitCode = await releaseCommand(given, say);
      if (exitCode !== 0) throw new CommandFailed('', exitCode);
    });
