import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from './support/guards/source-files.ts';

interface Package {
  dev?: boolean;
  link?: boolean;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
}

/** Licences that let anybody use, change and sell what is built with them, and ask for a notice at most. */
const LICENCES = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense', 'CC0-1.0']);
/** `(MIT OR CC0-1.0)`: one of them is enough. */
const isAllowed = (license = ''): boolean =>
  license
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((each) => LICENCES.has(each));

const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Package>;
};
const production = Object.entries(packages).filter(([path, { dev, link }]) => path !== '' && !dev && !link);

test('a package of the production tree is pinned by a hash, runs nothing when it is installed, and may be used', () => {
  expect(production.length).toBeGreaterThan(50);
  const refused = production.filter(
    ([, { integrity, license, hasInstallScript }]) =>
      integrity?.startsWith('sha512-') !== true || hasInstallScript === true || !isAllowed(license),
  );
  expect(refused).toEqual([]);
});
