import { Command } from 'commander';
import { ProblemError } from '../errors.ts';
import { diagnose } from './diagnose.ts';
import { withStored } from './open-stored.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

/** Reads and changes nothing. */
export const diagnoseCommand = (terminal: Terminal): Command =>
  new Command('diagnose')
    .summary('say why a tenant does not get their meetings, and who acts')
    .description(
      'Says why a tenant does not get their meetings, and who does what about it: from stored facts alone, while the service runs or not.',
    )
    .argument('[tenant]', 'a tenant id; without one, what is to be said of all, by cause')
    .option('--json', 'in the words of the API')
    .action(async (tenantId: string | undefined, { json = false }: { json?: boolean }) => {
      const text = await withStored(terminal, (db) =>
        diagnose(db, tenantId ?? null, { now: new Date(), json }).catch((error: unknown) => {
          if (error instanceof ProblemError && error.code === 'tenant_unknown')
            throw new CommandFailed(`No tenant ${tenantId} is known.`);
          throw error;
        }),
      );
      terminal.write(text);
    });
