import type { Parsed } from './parsed.ts';

export function parseDatabaseUrl(text: string): Parsed<string> {
  const isPostgres = URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
  return isPostgres ? { value: text } : { problem: 'must be a postgres:// or postgresql:// URL' };
}
