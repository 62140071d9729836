import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problems } from '../../src/errors.ts';
import { sourceFiles } from '../support/guards/source-files.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const [ofRequests, ofConnections] = page.split('## Problems of a connection').map(rowsOf) as [string[][], string[][]];

function rowsOf(part: string): string[][] {
  return part
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('docs/errors.md and src/errors.ts name the same problems, with the same status and title', () => {
  expect(ofRequests.map(([code, status, title]) => [code, status, title])).toEqual(
    Object.entries(problems).map(([code, { status, title }]) => [`\`${code}\``, String(status), title]),
  );
  for (const [code, , , what] of ofRequests) expect(what, code).not.toBe('');
});

test('every problem of the catalogue is used somewhere', () => {
  const others = sourceFiles('src')
    .filter(({ path }) => path !== 'src/errors.ts')
    .map(({ text }) => text)
    .join('\n');
  expect(Object.keys(problems).filter((code) => !others.includes(`'${code}'`))).toEqual([]);
});

test('docs/errors.md explains every problem that a connection or a debt can have, and no other', () => {
  const text = sourceFiles('machines', 'src')
    .filter(({ path }) =>
      /^machines|^src\/(effects|calendly|grants|backfill|subscriptions|workers)\/|complete-consent/.test(path),
    )
    .map((file) => file.text)
    .join('\n');
  const patterns = [
    /\bcode: '([a-z_]+_[a-z_]+)'/g,
    /problem\('([a-z_]+)'/g,
    /'(?:transient|unauthorized|invalid)',\s+'([a-z_]+)'/g,
    /'(consent_(?:denied|failed))'/g,
  ];
  const used = new Set(patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code)));
  expect(ofConnections.map(([code]) => code!.replaceAll('`', '')).sort()).toEqual([...used].sort());
});
