import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

export interface SourceFile {
  /** From the project's folder: `src/connection/dispatch/dispatch.ts`. */
  path: string;
  text: string;
  /** The same without comments. */
  code: string;
  lines: number;
  /** What it imports or exports from, types too: own files as their path, packages as their name. */
  imports: string[];
}

/** Every TypeScript file below these folders. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readSource(join(folder, name))),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  const code = withoutComments(text);
  const imports = [
    ...code.matchAll(/(?:^(?:import|export)\b[^'"]*?\bfrom\s*|^import\s*|\bimport\(\s*)['"]([^'"\n]+)['"]/gm),
  ].map(([, specifier]) =>
    specifier!.startsWith('.') ? relative(PROJECT, join(PROJECT, dirname(path), specifier!)) : specifier!,
  );
  return { path, text, code, lines: text.split('\n').length - 1, imports: [...new Set(imports)] };
}

/** Good enough for import lines and names; `//` inside an address in quotes is kept. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}
