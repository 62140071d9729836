import { Command } from 'commander';
import { countTenants } from '../connection/reads/count-tenants.ts';
import { rehearse, type Difference } from '../connection/reads/rehearse.ts';
import { withStored } from './open-stored.ts';
import { progressBar } from './progress-bar.ts';
import { asJson, CommandFailed, type Terminal } from './terminal.ts';

const DESCRIPTION = `Replays every tenant's stored history through the machine of this version, and lists the tenants that would now be in another state.
It changes nothing. Run it with the new version before an upgrade, while the old version runs.

Exit code 1: a tenant would be in another state, or its history cannot be read.`;

/** More are counted, not listed. */
const MOST_LISTED = 1_000;

export const rehearseCommand = (terminal: Terminal): Command =>
  new Command('rehearse')
    .summary('say before an upgrade which tenants would be in another state')
    .description(DESCRIPTION)
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: true }) => {
      const counts = { elsewhere: 0, unreadable: 0, details: 0 };
      const differences: Difference[] = [];
      const { tenants, events } = await withStored(terminal, async (db) => {
        const total = Object.values(await countTenants(db)).reduce((sum, count) => sum + count, 0);
        const bar = progressBar(process.stderr, 'tenants', total);
        return rehearse(db, {
          onTenants: bar.show,
          onDifference: (found) => {
            counts[found.kind]++;
            if (differences.length < MOST_LISTED) differences.push(found);
          },
        }).finally(bar.end);
      });
      const report = { tenants, events, ...counts, differences };
      terminal.write(json ? asJson(report) : printRehearsal(report));
      if (counts.elsewhere + counts.unreadable > 0) throw new CommandFailed('');
    });

interface Report extends Record<Difference['kind'], number> {
  tenants: number;
  events: number;
  differences: Difference[];
}

function printRehearsal({ tenants, events, elsewhere, unreadable, details, differences }: Report): string {
  const listed =
    differences.length < elsewhere + unreadable + details ? [`Only the first ${MOST_LISTED} are listed.`] : [];
  return [
    `${tenants} tenants, ${events} events: ${elsewhere} would be in another state, ${unreadable} cannot be read, ${details} differ in details.`,
    ...differences.map((found) => `  ${found.tenantId}  ${says(found)}`),
    ...listed,
    '',
  ].join('\n');
}

function says(found: Difference): string {
  switch (found.kind) {
    case 'elsewhere':
      return `is in ${found.stored}, would be in ${found.replayed}${found.event === null ? '' : `, since ${found.event.type} (version ${found.event.version})`}`;
    case 'details':
      return `is in ${found.state}, and would differ in ${found.fields.join(', ')}`;
    case 'unreadable':
      return `cannot be replayed: ${found.problem}`;
  }
}
