import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Seen } from './answer-witness.ts';
import { differences, entryName, undescribed } from './differences.ts';
import { readOperations } from './openapi-documents.ts';

/** Before all tests: where the documents are. After them: the lists of differences must not say more than was needed. */
export function setup(): () => void {
  const given = process.env['CALENDLY_OPENAPI'];
  if (!given || !existsSync(given)) {
    throw new Error(
      "CALENDLY_OPENAPI has to name the folder of Calendly's OpenAPI documents; they are not part of this project.",
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'witnesses-'));
  process.env['CALENDLY_OPENAPI'] = resolve(given);
  process.env['WITNESSES_SEEN'] = join(folder, 'seen');
  return () => {
    const lines = existsSync(join(folder, 'seen')) ? readFileSync(join(folder, 'seen'), 'utf8').trim().split('\n') : [];
    rmSync(folder, { recursive: true });
    judge(
      lines.map((line) => JSON.parse(line) as Seen),
      resolve(given),
    );
  };
}

function judge(seen: Seen[], documents: string): void {
  const operations = new Set(seen.flatMap((each) => each.operations));
  console.log(
    `\nCompared with Calendly's documents: ${new Set([...operations].map((each) => each.replace(/ \d+$/, ''))).size} operations, ${operations.size} kinds of answer.`,
  );
  // A part of the tests alone needs only a part of the list.
  if (process.argv.some((argument) => argument.includes('.test.ts') || argument === '-t')) return;
  const needed = new Set(seen.flatMap((each) => each.needed));
  const entries = [...differences, ...undescribed].map(entryName);
  fail(
    'No answer needs these entries of test/witnesses/differences.ts any more',
    entries.filter((entry) => !needed.has(entry)),
  );
  const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
  const unseen = readOperations(documents)
    .map(({ method, path }) => `${method} ${path}`)
    .filter((name) => ![...operations].some((each) => each.startsWith(`${name} `)) && !page.includes(`\`${name}\``));
  fail('No test asks for these operations, and docs/sandbox.md does not name them as left out', unseen);
}

function fail(what: string, which: string[]): void {
  if (which.length === 0) return;
  console.error(`${what}:\n${which.join('\n')}`);
  process.exitCode = 1;
}
