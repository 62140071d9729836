import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { once } from 'node:events';
import { progressBar } from '../progress-bar.ts';
import { printReport } from './print-report.ts';
import { runImport } from './run-import.ts';
import { wrongAddress } from '../service-address.ts';
import { serviceClient } from './service-client.ts';

export interface ImportArguments {
  /** A path, or `-` for standard input. */
  file: string;
  dryRun: boolean;
  concurrency: number;
  json: boolean;
  /** The service's address. */
  url: string;
  apiKey: string;
}

export interface Terminal {
  stdin: AsyncIterable<Buffer>;
  stdout: { write(text: string): unknown };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

const MOST_CONCURRENCY = 64;
const NEWLINE = 10;

/** `calendly-reconnect import FILE`. Exit codes: 0 nothing is left to do, 1 something is, 64 wrong use. */
export async function importCommand(given: ImportArguments, { stdin, stdout, stderr }: Terminal): Promise<number> {
  const wrong = wrongUse(given);
  if (wrong !== null) {
    stderr.write(`${wrong}\n`);
    return 64;
  }
  const chunks = given.file === '-' ? stdin : await openFile(given.file);
  if (typeof chunks === 'string') {
    stderr.write(`${chunks}\n`);
    return 64;
  }
  let done = 0;
  const progress = progressBar(stderr, 'lines', stderr.isTTY ? await countLines(given.file) : 0);
  const report = await runImport(serviceClient(given), chunks, {
    dryRun: given.dryRun,
    concurrency: given.concurrency,
    onOutcome: () => progress.show(++done),
  }).finally(progress.end);
  stdout.write(given.json ? `${JSON.stringify(report)}\n` : printReport(report));
  return report.open.length === 0 && report.brokenOff === null ? 0 : 1;
}

function wrongUse({ url, apiKey, concurrency }: ImportArguments): string | null {
  const wrong = wrongAddress({ url, apiKey });
  if (wrong !== null) return wrong;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_CONCURRENCY)
    return `--concurrency must be a number from 1 to ${MOST_CONCURRENCY}.`;
  return null;
}

/** Where the end is known: of a file, and not of a pipe. */
async function countLines(path: string): Promise<number> {
  if (path === '-') return 0;
  let lines = 0;
  for await (const chunk of createReadStream(path)) for (const byte of chunk as Buffer) if (byte === NEWLINE) lines++;
  return lines;
}

async function openFile(path: string): Promise<AsyncIterable<Buffer> | string> {
  try {
    if (!(await stat(path)).isFile()) return `${path} is not a file.`;
    const stream = createReadStream(path);
    await once(stream, 'open');
    return stream;
  } catch (error) {
    return `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`;
  }
}
