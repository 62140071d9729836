import { readFile, stat } from 'node:fs/promises';
import { readPostmasterFile } from './postmaster.ts';
import { runProgram } from './run-program.ts';
import { accountOfOwner, runsAsRoot } from './server-account.ts';

/**
 * Every living server process of exactly this cluster. Each one has the cluster as its working directory, which is compared by inode. So
 * neither a process id of another process nor a folder that was moved leads to a mistake.
 */
export async function processesOfCluster(cluster: string): Promise<number[]> {
  const directory = await stat(cluster).catch(() => undefined);
  if (!directory) return [];
  if (process.platform !== 'linux') return await postmasterByCommand(cluster);

  // This runs as the owner: in a container, root may not look into other users' processes (no CAP_SYS_PTRACE), but they themselves may.
  const account = runsAsRoot() && directory.uid > 0 ? await accountOfOwner(directory) : undefined;
  const script = 'stat -L -c "%d:%i %n" /proc/[0-9]*/cwd 2>/dev/null; exit 0';
  const { output } = await runProgram('/bin/sh', ['-c', script], { account });
  const here = output
    .split('\n')
    .filter((line) => line.startsWith(`${directory.dev}:${directory.ino} `))
    .map((line) => Number(line.split('/')[2]));
  const names = await Promise.all(here.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return here.filter((_, index) => names[index]?.trim() === 'postgres'); // and not somebody's shell
}

/** For systems without /proc: the process named in postmaster.pid, if its command line is the one that we start servers with. */
async function postmasterByCommand(cluster: string): Promise<number[]> {
  const file = await readPostmasterFile(cluster);
  if (!file) return [];
  const { ok, output } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(file.pid)]);
  return ok && output.includes(`postgres -D ${cluster} `) ? [file.pid] : [];
}
