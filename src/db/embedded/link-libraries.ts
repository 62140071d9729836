import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Makes the links between libraries that a package cannot hold. The package's install script would do it, but install scripts are
 * often forbidden, and ours need none. What is there already stays; who may not write here finds out when PostgreSQL does not run.
 */
export async function linkLibraries(native: string): Promise<void> {
  const root = dirname(native);
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [from, to] = [join(root, source), join(root, target)];
    // The names come from a package: none may lead out of it.
    if ([from, to].some((path) => relative(native, path).startsWith('..'))) continue;
    await symlink(relative(dirname(to), from), to).catch(() => {});
  }
}
