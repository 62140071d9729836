import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeEmbeddedPostgres } from '../../../src/db/remove-embedded-postgres.ts';
import { copyProject } from '../../support/service/copy-project.ts';
import { startChild, type ChildOptions } from '../../support/service/start-child.ts';

const NOBODY = 65_534;
const runsAsRoot = process.getuid?.() === 0;

let base: string;
let child: (folder: string, options?: ChildOptions) => ReturnType<typeof startChild>;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'calendly-reconnect-accounts-'));
  await chmod(base, 0o755);
  await copyFile(process.execPath, join(base, 'node')); // Node itself may lie where only we can go
  await chmod(join(base, 'node'), 0o755);
  child = (folder, options) =>
    startChild(
      join(base, folder, 'test/support/postgres/embedded-postgres-child.ts'),
      [join(base, folder, '.data/postgres'), 'volatile'],
      { cwd: base, node: join(base, 'node'), ...options },
    );
});
afterAll(() => rm(base, { recursive: true }));

/** Setting these up takes root, as CI is. What an ordinary user's run skips here, it does anyway in every other test. */
describe.runIf(runsAsRoot)('as root', () => {
  test('in a folder that others cannot enter, with umask 077, the data are kept outside it and found again', async () => {
    const home = join(base, 'home');
    await copyProject(home);
    execFileSync('chmod', ['-R', 'go-rwx', home]);
    const dataDir = join(home, '.data/postgres');

    const first = child('home', { umask: '077' });
    await first.says('url');
    const { directory } = JSON.parse(await readFile(join(dataDir, 'location.json'), 'utf8')) as { directory: string };
    expect(first.lines).toContainEqual({ log: expect.stringContaining(`its data are in ${directory}`) });
    expect(directory).toMatch(/^\/var\/(lib|tmp)\/calendly-reconnect-/);
    const place = await stat(directory);
    expect([place.mode & 0o777, place.uid === 0]).toEqual([0o700, false]);
    await first.end('SIGKILL');

    const second = child('home', { umask: '077' });
    await second.says('url');
    expect(second.lines).toContainEqual({ log: expect.stringContaining('of an earlier run still runs') });
    await second.end('SIGINT');

    await rename(home, `${home}-moved`);
    const moved = child('home-moved', { umask: '077' });
    expect(await moved.says('url'), 'a moved folder takes its data along').toBeTruthy();
    await moved.end('SIGINT');

    await removeEmbeddedPostgres(join(`${home}-moved`, '.data/postgres'));
    await expect(stat(directory)).rejects.toThrow('ENOENT');
  });

  test('an ordinary user needs nothing of this, in a home of mode 0700', async () => {
    await copyProject(join(base, 'user'));
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, join(base, 'user')]);
    await chmod(join(base, 'user'), 0o700);
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const running = child('user', { uid: NOBODY, gid: NOBODY, umask: '077' });
      await running.says('url');
      await running.end(signal);
    }
    expect((await stat(join(base, 'user', '.data/postgres/cluster'))).uid).toBe(NOBODY);

    const byRoot = child('user');
    expect(await byRoot.says('url'), 'root goes on with the data of that user').toBeTruthy();
    await byRoot.end('SIGINT');
    const again = child('user', { uid: NOBODY, gid: NOBODY });
    expect(await again.says('url'), 'and the user after root').toBeTruthy();
    await again.end('SIGINT');
  });

  test('data that belong to another user are refused with a reason', async () => {
    await copyProject(join(base, 'foreign'), { platformPackage: false });
    await mkdir(join(base, 'foreign/.data/postgres'), { recursive: true });
    execFileSync('chmod', ['-R', 'a+rX', join(base, 'foreign')]);
    const refused = child('foreign', { uid: NOBODY, gid: NOBODY });
    expect(await refused.says('error')).toMatch(/cannot be created or belongs to another user/);
  });
});

test('without the package of the platform, it says what to do', async () => {
  await copyProject(join(base, 'bare'), { platformPackage: false });
  expect(await child('bare').says('error')).toMatch(
    /needs the package @embedded-postgres\/.*not installed.*--omit=optional.*DATABASE_URL/,
  );
  await removeEmbeddedPostgres(join(base, 'bare', '.data/postgres')); // with umask 077 its place is outside
});
