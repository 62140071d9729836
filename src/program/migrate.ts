import { Command } from 'commander';
import { findDatabase } from '../cli/open-stored.ts';
import { asJson, type Terminal } from '../cli/terminal.ts';
import { NO_LIMITS, openDatabase } from '../db/database.ts';
import { migrateToLatest } from '../db/migrate.ts';

export const migrateCommand = (terminal: Terminal): Command =>
  new Command('migrate')
    .summary('migrate the database, and end')
    .description(
      'Migrates the database, and ends. `serve` does this too when it starts. Use this command if you want a separate step, or another role.',
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
