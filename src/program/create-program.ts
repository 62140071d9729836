import { Command } from 'commander';
import { diagnoseCommand } from '../cli/diagnose-tenants.ts';
import { importTenantsCommand } from '../cli/import-tenants.ts';
import { inspectCommand } from '../cli/inspect.ts';
import { rehearseCommand } from '../cli/rehearse-upgrade.ts';
import { releaseTenantsCommand } from '../cli/release-tenants.ts';
import { tenantsCommand } from '../cli/tenants.ts';
import type { Terminal } from '../cli/terminal.ts';
import { checklistCommand } from './checklist.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { migrateCommand } from './migrate.ts';
import { probeCommand } from './probe.ts';
import { sandboxCommand } from './sandbox.ts';
import { serveCommand } from './serve.ts';
import { version } from './version.ts';

/** In the order in which `--help` shows them. */
const COMMANDS: ((terminal: Terminal) => Command)[] = [
  serveCommand,
  migrateCommand,
  doctorCommand,
  tenantsCommand,
  inspectCommand,
  diagnoseCommand,
  importTenantsCommand,
  releaseTenantsCommand,
  rehearseCommand,
  sandboxCommand,
  checklistCommand,
  probeCommand,
  completionCommand,
];

const AFTER_HELP = `
Settings are environment variables; \`doctor\` checks them. Without any setting, the service starts with its own database and Calendly
sandbox.

Exit codes: 0 success, 1 failure, 64 wrong use of the command, 78 wrong configuration.`;

export function createProgram(terminal: Terminal): Command {
  const program = new Command('calendly-reconnect')
    .description("Keeps every tenant's Calendly connection alive.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.say })
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for help)')
    .exitOverride()
    .addHelpText('after', AFTER_HELP);
  for (const make of COMMANDS) program.addCommand(make(terminal).copyInheritedSettings(program));
  return program;
}
