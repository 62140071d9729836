import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cost } from '../../support/service/still-service.ts';

/** Round trips and calls of each operation: those that a test holds, as it has counted them. */
export function countCosts(): Record<string, Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'calendly-reconnect-counts-'));
  const file = join(folder, 'counts.json');
  try {
    const { status, stdout } = spawnSync('npx', ['vitest', 'run', 'test/integration/counts'], {
      env: { ...process.env, COUNTS_FILE: file },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The counts do not hold:\n${stdout}`);
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Cost>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
