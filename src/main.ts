#!/usr/bin/env node
import { resolve } from 'node:path';
import { runProgram } from './program/run-program.ts';

process.exitCode = await runProgram(
  {
    env: process.env,
    dataDir: resolve('.data'),
    isForPerson: process.stdout.isTTY === true,
    write: (text) => void process.stdout.write(text),
    say: (text) => void process.stderr.write(text),
  },
  process.argv.slice(2),
);
// After a start that failed in the middle, something may still keep the process alive.
if (process.exitCode !== 0) process.exit();
