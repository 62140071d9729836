import { styleText } from 'node:util';
import { Command } from 'commander';
import { asJson, CommandFailed, type Terminal } from '../../cli/terminal.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { loadConfig, type Config } from '../../config/load-config.ts';
import { foreseeLocalSecrets } from '../../config/local-secrets.ts';
import { checkCalendly } from './check-calendly.ts';
import { checkDatabase } from './check-database.ts';
import { checkNode } from './check-node.ts';
import { checkPublicUrl } from './check-public-url.ts';
import { broken, well, type Finding } from './finding.ts';

const DESCRIPTION = `Checks whether the service can run with these settings, and says what to do if not: configuration, Node, database, clock, rights,
PUBLIC_URL as seen from this machine, and the client at Calendly. It changes nothing and uses no token. Exit code 1: something is wrong.`;

export const doctorCommand = (terminal: Terminal): Command =>
  new Command('doctor')
    .summary('check the settings and everything around them, and say what to do')
    .description(DESCRIPTION)
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: true }) => {
      const findings = await examine(terminal);
      terminal.write(json ? asJson(findings) : findings.map((finding) => line(finding, terminal.isForPerson)).join(''));
      if (findings.some(({ verdict }) => verdict === 'broken')) throw new CommandFailed('');
    });

async function examine({ env, dataDir }: Terminal): Promise<Finding[]> {
  const node = checkNode(process.version);
  let config: Config;
  try {
    config = loadConfig(env, { dataDir, localSecrets: foreseeLocalSecrets });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const faults = error.faults.map(({ variable, problem }) =>
      broken('Configuration', `${variable} ${problem}.`, 'See docs/configuration.md.'),
    );
    return [node, ...faults];
  }
  const mode =
    config.mode === 'sandbox' ? 'the built-in Calendly sandbox' : `the real Calendly, at ${config.publicUrl}`;
  const [database, publicUrl, calendly] = await Promise.all([
    checkDatabase(config),
    checkPublicUrl(config),
    checkCalendly(config),
  ]);
  return [node, well('Configuration', `Complete, with ${mode}.`), ...database, publicUrl, ...calendly];
}

const MARKS = { well: ['✓', 'green'], warning: ['!', 'yellow'], broken: ['✕', 'red'], unknown: ['?', 'gray'] } as const;

function line({ about, verdict, says, advice }: Finding, isForPerson: boolean): string {
  const [mark, colour] = MARKS[verdict];
  const painted = isForPerson ? styleText(colour, mark) : mark;
  return `${painted} ${about.padEnd(14)} ${says}\n${advice === undefined ? '' : `${' '.repeat(17)}→ ${advice}\n`}`;
}
