import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run build`: what the package holds, under `dist/`, as JavaScript with types. */
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '--project', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const folder of globSync('src/*/assets')) cpSync(folder, join('dist', folder), { recursive: true });

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};
const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [join(entry.types)]));
const needed = new Set<string>();
for (const entry of entries) keepTypes(entry);
// The types of what no entry leads to are of no use to anybody, and Kysely would take those of a migration for one.
for (const types of globSync('dist/**/*.d.ts')) if (!needed.has(types)) rmSync(types);
chmodSync('dist/src/main.js', 0o755);

/** These types, and those that they name. The compiler mends the names of imported files in what is run, and leaves them in the types. */
function keepTypes(path: string): void {
  if (needed.has(path)) return;
  needed.add(path);
  const mended = readFileSync(path, 'utf8').replace(
    /((?:from|import\()\s*['"])(\.{1,2}\/[^'"]*)\.ts(?=['"])/g,
    (_, before: string, name: string) => {
      keepTypes(join(dirname(path), `${name}.d.ts`));
      return `${before}${name}.js`;
    },
  );
  writeFileSync(path, mended);
}
