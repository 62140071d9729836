import { Command } from 'commander';
import { findDatabase } from '../cli/open-stored.ts';
import { asJson, type Terminal } from '../cli/terminal.ts';
import { NO_LIMITS, openDatabase } from '../db/database.ts';
import { migrateToLatest } from '../db/migrate.ts';

export const migrateCommand = (terminal: Terminal): Command =>
  new Command('migrate')
    .summary('bring the database up to date, and end')
    .description(
      'Brings the database up to date, and ends. `serve` does the same at its start; this is for who wants it as a step of its own, or by another role.',
    )
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: true }) => {
      const { url, stop } = await findDatabase(terminal);
      const { db, close } = openDatabase({ url, limits: NO_LIMITS, max: 1 });
      try {
        const applied = await migrateToLatest(db);
        if (json) terminal.write(asJson({ applied }));
        else terminal.write(applied.length === 0 ? 'Nothing to do.\n' : applied.map((name) => `${name}\n`).join(''));
      } finally {
        await close();
        await stop();
      }
    });
