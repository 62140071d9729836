import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { createProgram } from '../../../src/program/create-program.ts';
import { runProgram } from '../../../src/program/run-program.ts';

const terminal = (write: (text: string) => void): Terminal => ({
  env: {},
  dataDir: '/nonexistent',
  isForPerson: false,
  write,
  say: write,
});

async function printed(...args: string[]): Promise<string> {
  let text = '';
  expect(
    await runProgram(
      terminal((more) => void (text += more)),
      args,
    ),
  ).toBe(0);
  return text;
}

test('bash completes commands, their options and their choices', async () => {
  const script = await printed('completion', 'bash');
  const completed = (...words: string[]) => {
    const typed = `COMP_WORDS=(calendly-reconnect ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
    const ask = `${typed}; _calendly_reconnect; echo "\${COMPREPLY[*]}"`;
    return execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' })
      .trim()
      .split(' ');
  };
  expect(completed('te')).toEqual(['tenants']);
  expect(completed('')).toEqual(expect.arrayContaining(['serve', 'doctor', 'rehearse', 'completion']));
  expect(completed('tenants', '--s')).toEqual(['--state', '--search']);
  expect(completed('completion', '')).toEqual(['bash', 'zsh', 'fish']);
});

test.each(['zsh', 'fish'])('%s is given every command and option with what it does', async (shell) => {
  const script = (await printed('completion', shell)).replace(/\\?'/g, '');
  const { commands } = createProgram(terminal(() => {}));
  const told = commands.flatMap((command) => [
    command.summary(),
    ...command.options.map(({ description }) => description),
  ]);
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((says) => !script.includes(says.replaceAll("'", '')))).toEqual([]);
});
