import { importTenant, OUTCOMES, type Outcome, type OutcomeName } from './import-tenant.ts';
import { readImportFile } from './read-import-file.ts';
import type { ServiceClient } from './service-client.ts';

export interface LineOutcome extends Outcome {
  line: number;
  tenantId: string | null;
}

export interface ImportReport {
  counts: Partial<Record<OutcomeName, number>>;
  /** Lines for which something is left to do, in the order of the file, at most `MOST_LISTED`. */
  open: LineOutcome[];
  /** Why the file could not be read to its end; null when it could. */
  brokenOff: string | null;
}

export interface ImportOptions {
  dryRun: boolean;
  /** How many tenants are imported at the same time. */
  concurrency: number;
  onOutcome?(outcome: LineOutcome): void;
}

export const MOST_LISTED = 1000;

/**
 * Imports a whole file, a few tenants at a time, and holds only these in memory. It can be stopped and started again: the service knows
 * which tenants are connected, and for the others the same line has the same outcome. If a tenant has two lines, the first one counts.
 */
export async function runImport(
  client: ServiceClient,
  chunks: AsyncIterable<Buffer | string>,
  { dryRun, concurrency, onOutcome }: ImportOptions,
): Promise<ImportReport> {
  const report: ImportReport = { counts: {}, open: [], brokenOff: null };
  const seen = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const note = (outcome: LineOutcome): void => {
    report.counts[outcome.outcome] = (report.counts[outcome.outcome] ?? 0) + 1;
    if (OUTCOMES[outcome.outcome].failed && report.open.length < MOST_LISTED) report.open.push(outcome);
    onOutcome?.(outcome);
  };
  const lines = readImportFile(chunks);
  try {
    for await (const read of lines) {
      const { line, tenantId } = read;
      if ('faults' in read) {
        note({ line, tenantId, outcome: 'invalid', says: read.faults.join('; ') });
        continue;
      }
      const former = seen.get(read.tenantId);
      if (former !== undefined) {
        note({ line, tenantId, outcome: 'invalid', says: `line ${former} is about the same tenant` });
        continue;
      }
      seen.set(read.tenantId, line);
      const work: Promise<void> = importTenant(client, read, { dryRun })
        .then(
          (outcome) => note({ line, tenantId, ...outcome }),
          (error: unknown) =>
            note({ line, tenantId, outcome: 'failed', says: error instanceof Error ? error.message : '' }),
        )
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= concurrency) await Promise.race(running);
    }
  } catch (error) {
    report.brokenOff = error instanceof Error ? error.message : String(error);
  }
  await Promise.all(running);
  report.open.sort((a, b) => a.line - b.line);
  return report;
}
