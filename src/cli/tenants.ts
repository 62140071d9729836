import { Command, InvalidArgumentError } from 'commander';
import { listTenants, type TenantItem } from '../connection/reads/list-tenants.ts';
import { withStored } from './open-stored.ts';
import { asJson, type Terminal } from './terminal.ts';

const PAGE = 100;

/** Reads and changes nothing. */
export const tenantsCommand = (terminal: Terminal): Command =>
  new Command('tenants')
    .summary('list tenants with the state of their connection')
    .description('Lists tenants from the database, the newest change of state first. The service may run or not.')
    .option('--state <state>', 'only tenants in this state, for example error or error.needsReauthorization')
    .option('--search <text>', 'only tenants whose id, account, e-mail or name contains this')
    .option('--limit <n>', 'the most tenants to list', wholeNumber, 100)
    .option('--json', 'print a JSON array')
    .action(async ({ state, search, limit, json }: { state?: string; search?: string; limit: number; json?: true }) => {
      const { items, counts } = await withStored(terminal, async (db) => {
        const found: TenantItem[] = [];
        let cursor: string | undefined;
        for (;;) {
          const page = await listTenants(db, { state, q: search, limit: Math.min(PAGE, limit - found.length), cursor });
          found.push(...page.items);
          cursor = page.nextCursor ?? undefined;
          if (cursor === undefined || found.length >= limit) return { items: found, counts: page.counts };
        }
      });
      terminal.write(json ? asJson(items) : `${tableOf(items)}${summaryOf(counts)}\n`);
    });

function tableOf(items: TenantItem[]): string {
  const rows = items.map(({ tenantId, state, substate, since, account }) => [
    tenantId,
    substate === null ? state : `${state}.${substate}`,
    since,
    printable(account?.email ?? account?.uri ?? ''),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}

const summaryOf = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

/** An e-mail address comes from outside, so characters that control the terminal are removed. */
const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd');

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return Number(text);
}
