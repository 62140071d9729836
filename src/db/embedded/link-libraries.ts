import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Makes the links between libraries that a package cannot hold. The package's install script would make them, but install scripts are often
 * forbidden, and ours needs none. Existing links stay. Without the right to write here, nothing is made, and the start of PostgreSQL shows
 * what is missing.
 */
export async function linkLibraries(native: string): Promise<void> {
  const root = dirname(native);
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [from, to] = [join(root, source), join(root, target)];
    // The names come from a package, so none may lead out of its folder.
    if ([from, to].some((path) => relative(native, path).startsWith('..'))) continue;
    await symlink(relative(dirname(to), from), to).catch(() => {});
  }
}
