import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const run = promisify(execFile);
export const tool = (name: string): string => join(PROJECT, 'node_modules/.bin', name);

export interface HostProject {
  folder: string;
  /** Fails with what the compiler says of these files. */
  compile(...files: string[]): Promise<void>;
  remove(): Promise<void>;
}

/** An empty project that has installed the package, as a host does: no development tools, no install scripts. */
export async function hostProject(...more: string[]): Promise<HostProject> {
  const folder = await mkdtemp(join(tmpdir(), 'calendly-reconnect-host-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'host', private: true, type: 'module' }));
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', inject('tarball'), ...more], {
    cwd: folder,
  });
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    noEmit: true,
    types: ['node'],
    typeRoots: [join(PROJECT, 'node_modules/@types')],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  };
  return {
    folder,
    async compile(...files) {
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      await run(tool('tsc'), ['-p', '.'], { cwd: folder }).catch((error: unknown) => {
        throw new Error((error as { stdout: string }).stdout);
      });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
