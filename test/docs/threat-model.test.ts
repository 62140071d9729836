import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../support/guards/source-files.ts';

const page = readFileSync(join(PROJECT, 'docs/security.md'), 'utf8');
const section = /## Threats\n([^]*?)\n## /.exec(page)![1]!;
const threats = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.slice(1, -1).split('|'));

test('every threat says what is protected, from whom, how, and what is left open', () => {
  expect(threats.length).toBeGreaterThan(20);
  for (const threat of threats) {
    expect(threat).toHaveLength(6);
    for (const cell of threat) expect(cell.trim(), threat[2]).not.toBe('');
  }
});

test('every threat names a test that is there', () => {
  const missing = threats.flatMap(([, , threat, , shown]) => {
    const links = [...shown!.matchAll(/\[(.+?)\]\(\.\.\/(test\/[^)]+)\)/g)];
    if (links.length === 0) return [`${threat!.trim()}: no test`];
    return links.filter(([, title, path]) => !isTest(title!, path!)).map(([, title, path]) => `${path}: ${title}`);
  });
  expect(missing).toEqual([]);
});

/** As the first argument of `test(…)` or of what `test.each(…)` gives. */
function isTest(title: string, path: string): boolean {
  const file = join(PROJECT, path);
  if (!existsSync(file)) return false;
  const source = readFileSync(file, 'utf8').replace(/\\(['"`])/g, '$1');
  return ["'", '"', '`'].some((quote) => new RegExp(`\\(\\s*${quote}${escaped(title)}${quote},`).test(source));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
