import { CommanderError } from 'commander';
import { CommandFailed, type Terminal } from '../cli/terminal.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import { tlsProblem } from '../db/tls-problem.ts';
import { createProgram } from './create-program.ts';

const WRONG_USE = 64;
const WRONG_CONFIGURATION = 78;

/**
 * Runs the command that was typed, and returns the exit code. If a person can correct the problem, it is shown as one sentence. Only a bug
 * has a stack.
 */
export async function runProgram(terminal: Terminal, args: readonly string[]): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args.length === 0 ? ['serve'] : args, { from: 'user' });
    return 0;
  } catch (error) {
    // Its message was printed already, or it is the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
    if (!(error instanceof Error)) throw error;
    const tls = tlsProblem(error);
    if (tls !== null) {
      terminal.say(`${tls}\n`);
      return 1;
    }
    const isExpected = error instanceof CommandFailed || error instanceof ConfigurationError;
    terminal.say(isExpected ? (error.message === '' ? '' : `${error.message}\n`) : `${error.stack}\n`);
    if (error instanceof CommandFailed) return error.exitCode;
    return error instanceof ConfigurationError ? WRONG_CONFIGURATION : 1;
  }
}
