import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GROUPS } from '../../src/probe/groups/groups.ts';
import { defaultSwitches } from '../../src/sandbox/index.ts';
import { PROJECT } from '../support/guards/source-files.ts';

const page = readFileSync(join(PROJECT, 'docs/fidelity.md'), 'utf8');
const sandboxPage = readFileSync(join(PROJECT, 'docs/sandbox.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
  .filter((cells) => cells.length === 5 && cells[2]!.startsWith('`'))
  .map(([belief, evidence, name, probe, depends]) => ({
    belief,
    evidence,
    name: name!.replaceAll('`', ''),
    probe,
    depends,
  }));

test('docs/fidelity.md names every switch of the sandbox, once, with evidence and what depends on it', () => {
  const [, without] = /^These switches make tests short: (.*)$/m.exec(page)!;
  const ofTests = [...without!.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  expect([...rows.map(({ name }) => name), ...ofTests].sort()).toEqual(Object.keys(defaultSwitches).sort());
  for (const { name, belief, evidence, depends } of rows) {
    expect(evidence, name).toMatch(/^[DRCIH]\b/);
    expect(`${belief}${depends}`.length, name).toBeGreaterThan(20);
  }
});

test('docs/fidelity.md says which group of the probe asks for each', () => {
  const asked = (name: string) =>
    GROUPS.filter(({ finds }) => (finds as string[]).includes(name)).map((group) => group.name);
  for (const { name, probe } of rows) expect(probe, name).toBe(asked(name).join(', ') || '–');
});

test('docs/sandbox.md lists the same switches', () => {
  const listed = [...sandboxPage.split('## All switches')[1]!.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  expect(listed.sort()).toEqual(Object.keys(defaultSwitches).sort());
});
