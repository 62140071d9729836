/** RFC 4180, as databases and spreadsheets write it: quoted fields, doubled quotes, commas and line ends inside quotes. */
export interface CsvRecord {
  /** The line that the record begins on, from 1. */
  line: number;
  fields: string[];
}

/** Reads one record at a time from text that comes in pieces. Throws if a record is longer than `most` characters. */
export async function* parseCsv(pieces: AsyncIterable<string>, most: number): AsyncGenerator<CsvRecord> {
  let fields: string[] = [];
  let field = '';
  let length = 0;
  let isQuoted = false;
  let wasQuote = false;
  let line = 1;
  let begunAt = 1;
  for await (const piece of pieces) {
    for (const char of piece) {
      if (++length > most) throw new Error(`Line ${begunAt}: more than ${most} characters. Is a quote missing?`);
      if (char === '\n') line++;
      if (isQuoted && !wasQuote) {
        if (char === '"') wasQuote = true;
        else field += char;
        continue;
      }
      if (wasQuote && char === '"') {
        field += char;
        wasQuote = false;
        continue;
      }
      if (wasQuote) isQuoted = wasQuote = false;
      if (char === '"' && field === '') isQuoted = true;
      else if (char === ',') field = push(fields, field);
      else if (char === '\n') {
        push(fields, field.replace(/\r$/, ''));
        if (fields.length > 1 || fields[0] !== '') yield { line: begunAt, fields };
        [fields, field, length, begunAt] = [[], '', 0, line];
      } else field += char;
    }
  }
  push(fields, field.replace(/\r$/, ''));
  if (isQuoted && !wasQuote) throw new Error(`Line ${begunAt}: a quote is not closed.`);
  if (fields.length > 1 || fields[0] !== '') yield { line: begunAt, fields };
}

function push(fields: string[], field: string): '' {
  fields.push(field);
  return '';
}
