import { Command, InvalidArgumentError } from 'commander';
import { asJson, CommandFailed, type Terminal } from '../cli/terminal.ts';
import { hasPassed, printReport } from '../checklist/report.ts';
import { runChecklist } from '../checklist/run-checklist.ts';
import { openRealSurroundings } from '../checklist/surroundings/real.ts';
import { startSandboxSurroundings } from '../checklist/surroundings/sandbox.ts';
import { loadConfig } from '../config/load-config.ts';
import type { FaultInput } from '../sandbox/index.ts';

interface Options {
  reconnects: number;
  patience?: number;
  person: number;
  fault: FaultInput[];
  json?: true;
}

const DESCRIPTION = `Runs the four acceptance scenarios (first connection, reconnection, account switch, disconnect) and prints the results.
Exit code 1: a scenario failed. In sandbox mode it starts everything that it needs. With the real Calendly it asks you to click.`;

const EXAMPLE = `
To see a scenario fail, give a fault of the sandbox (docs/sandbox.md):
  --fault '{"method":"DELETE","path":"/webhook_subscriptions/:uuid","kind":"respond","status":500,"times":"forever"}'`;

export const checklistCommand = (terminal: Terminal): Command =>
  new Command('checklist')
    .summary('run the four acceptance scenarios')
    .description(DESCRIPTION)
    .option('--reconnects <n>', 'how often to reconnect', positive, 10)
    .option(
      '--patience <seconds>',
      'how long the service may take for each step (15; 60 with the real Calendly)',
      positive,
    )
    .option('--person <minutes>', 'how long to wait for you', positive, 10)
    .option('--json', 'the report for programs')
    .option('--fault <json>', 'a fault of the sandbox; may be repeated', collectFault, [])
    .addHelpText('after', EXAMPLE)
    .action((options: Options) => run(terminal, options));

async function run({ env, dataDir, say, write }: Terminal, options: Options): Promise<void> {
  const config = loadConfig(env, { dataDir });
  const { patience, person: personMinutes, fault: faults, reconnects } = options;
  const world =
    config.mode === 'sandbox'
      ? await startSandboxSurroundings({ faults, patienceSeconds: patience ?? 15, say })
      : await openRealSurroundings({ config, personMinutes, patienceSeconds: patience ?? 60, say });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= world.close());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('\nStopping, and leaving nothing behind …\n');
      void close().finally(() => process.exit(130));
    });
  }
  try {
    const { outcomes, figures } = await runChecklist(world, { reconnects, say });
    const passed = outcomes.every(hasPassed);
    const report = { against: world.title, passed, scenarios: outcomes, figures: Object.fromEntries(figures) };
    write(options.json ? asJson(report) : `\n${printReport(world.title, outcomes, figures)}`);
    if (!passed) throw new CommandFailed('');
  } finally {
    await close();
  }
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function collectFault(json: string, before: FaultInput[]): FaultInput[] {
  try {
    return [...before, JSON.parse(json) as FaultInput];
  } catch {
    throw new InvalidArgumentError('It must be JSON.');
  }
}
