import { parseCsv } from './parse-csv.ts';
import { toImport, type Read } from './to-import.ts';

/** Several times what two tokens, a scope and a few URLs need. */
const MOST_LINE_LENGTH = 64 * 1024;
const BYTE_ORDER_MARK = 0xfeff;

export type ReadLine = { line: number } & Read;
export type ReadRecord = { line: number; record: Record<string, unknown> } | { line: number; fault: string };

/** Every record of a file as an import, or what is wrong with its line. */
export async function* readImportFile(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<ReadLine> {
  for await (const read of readRecords(chunks)) {
    const { line } = read;
    if ('fault' in read) yield { line, tenantId: null, faults: [read.fault] };
    else yield { line, ...toImport(read.record) };
  }
}

/**
 * Reads every record of an NDJSON or CSV file, or says what is wrong with its line. The first character tells which of the two it is: a CSV
 * begins with the names of its columns. Throws if nothing after a fault can be read either.
 */
export async function* readRecords(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<ReadRecord> {
  const pieces = textOf(chunks);
  const first = await pieces.next();
  if (first.done) return;
  const rest = async function* () {
    yield first.value;
    yield* pieces;
  };
  yield* /^\s*\{/.test(first.value) ? readNdjson(rest()) : readCsv(rest());
}

async function* readNdjson(pieces: AsyncIterable<string>): AsyncGenerator<ReadRecord> {
  for await (const { line, text } of linesOf(pieces)) {
    if (text.trim() !== '') yield { line, ...fromJson(text) };
  }
}

function fromJson(text: string): { record: Record<string, unknown> } | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words quote the text, and that has tokens in it.
    return { fault: 'this is not JSON' };
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { record: value as Record<string, unknown> }
    : { fault: 'this is not a JSON object' };
}

async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<ReadRecord> {
  let columns: string[] | undefined;
  for await (const { line, fields } of parseCsv(pieces, MOST_LINE_LENGTH)) {
    if (columns === undefined) {
      columns = fields.map((name) => name.trim());
      const twice = columns.find((name, at) => columns!.indexOf(name) !== at);
      if (twice !== undefined) throw new Error(`Line ${line}: the column "${twice.slice(0, 40)}" appears twice.`);
      if (!columns.some((name) => name === 'tenant_id' || name === 'tenantId'))
        throw new Error(`Line ${line}: the first line must name the columns, and tenant_id is missing.`);
      continue;
    }
    const names = columns;
    if (fields.length !== names.length) yield { line, fault: `${fields.length} fields, but ${names.length} columns` };
    else yield { line, record: Object.fromEntries(names.map((name, at) => [name, fields[at]])) };
  }
}

async function* textOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    yield isFirst && text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
    isFirst = false;
  }
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let line = 0;
  let held = '';
  for await (const piece of pieces) {
    const lines = (held + piece).split('\n');
    held = lines.pop()!;
    for (const text of lines) yield { line: ++line, text };
    if (held.length > MOST_LINE_LENGTH) throw new Error(`Line ${line + 1}: more than ${MOST_LINE_LENGTH} characters.`);
  }
  if (held !== '') yield { line: ++line, text: held };
}
