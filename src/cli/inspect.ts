import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Bundle } from '../connection/reads/bundle.ts';
import { makeBundle } from '../connection/reads/make-bundle.ts';
import { openBundle } from '../connection/reads/open-bundle.ts';
import { ProblemError } from '../errors.ts';
import { withStored } from './open-stored.ts';
import { printStory } from './print-story.ts';
import { asJson, CommandFailed, type Terminal } from './terminal.ts';

/** Reads and changes nothing. */
export const inspectCommand = (terminal: Terminal): Command =>
  new Command('inspect')
    .summary('show what happened to a tenant, oldest first')
    .description(
      'Shows what happened to a tenant, oldest first. It reads the database (the service may run or not) or an exported bundle.',
    )
    .argument('<subject>', 'a tenant id, or the path of a bundle (*.json)')
    .option('--json', "the same as the inspector's bundle")
    .action(async (subject: string, { json }: { json?: true }) => {
      const bundle = subject.endsWith('.json') ? await fromFile(subject) : await fromDatabase(terminal, subject);
      terminal.write(json ? asJson(bundle) : printStory(bundle));
    });

async function fromFile(path: string): Promise<Bundle> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  const opened = openBundle(text);
  if ('bundle' in opened) return opened.bundle;
  throw new CommandFailed(opened.problem);
}

const fromDatabase = (terminal: Terminal, tenantId: string): Promise<Bundle> =>
  withStored(terminal, async (db) => {
    // Only the curl lines of the replay page use these addresses. They are Calendly's usual ones.
    const bases = { authBaseUrl: 'https://auth.calendly.com', apiBaseUrl: 'https://api.calendly.com' };
    try {
      return await makeBundle(db, tenantId, { now: new Date(), exportedBy: 'calendly-reconnect inspect', bases });
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'tenant_unknown')
        throw new CommandFailed(`No tenant ${tenantId} is known.`);
      throw error;
    }
  });
