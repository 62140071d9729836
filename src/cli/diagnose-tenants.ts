import { Command } from 'commander';
import { ProblemError } from '../errors.ts';
import { diagnose } from './diagnose.ts';
import { withStored } from './open-stored.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

/** Reads and changes nothing. */
export const diagnoseCommand = (terminal: Terminal): Command =>
  new Command('diagnose')
    .summary('say why a tenant gets no meetings, and who has to act')
    .description(
      'Says why a tenant gets no meetings, and who has to do what. It uses only stored facts; the service may run or not.',
    )
    .argument('[tenant]', 'a tenant id; without it, all tenants with a problem, by cause')
    .option('--json', 'print the answer of the API as JSON')
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
