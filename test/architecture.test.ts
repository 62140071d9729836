import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceFiles, type SourceFile } from './support/source-files.ts';

const ours = sourceFiles('machines', 'migrations', 'src');
const tests = sourceFiles('test');
const files = new Map(ours.map((file) => [file.path, file]));

/** Files that are an area of their own: leaves that happen to lie beside what uses them (see docs/decisions/0013). */
const LEAVES: Record<string, string> = {
  'src/jobs/queues.ts': 'queues',
  'src/jobs/priorities.ts': 'queues',
  'src/http/cursor.ts': 'paging',
  'src/http/cursor-error.ts': 'paging',
  'src/http/page.ts': 'paging',
};

/** `connection` for src/connection/dispatch.ts, `config` for src/config.ts, `machines` for all below machines/. */
function areaOf(path: string): string {
  const [top, second] = path.split('/');
  return LEAVES[path] ?? (top === 'src' ? second!.replace(/\.ts$/, '') : top!);
}

/** Who may import whom. What is not listed may import nothing of ours; what puts it all together may import anything. */
const MAY_IMPORT: Record<string, string[]> = {
  machines: [],
  migrations: [],
  sandbox: [],
  calendly: [],
  db: [],
  errors: [],
  logger: [],
  queues: [],
  paging: [],
  'local-secrets': [],
  'port-in-use': [],
  config: ['local-secrets'],
  credentials: ['db'],
  exchanges: ['calendly', 'db', 'logger', 'paging'],
  meetings: ['db', 'paging'],
  'host-events': ['db', 'machines', 'meetings', 'logger', 'paging', 'credentials'],
  deliveries: ['calendly', 'credentials', 'db', 'host-events', 'meetings', 'paging'],
  connection: ['machines', 'db', 'queues', 'credentials', 'calendly', 'host-events', 'paging'],
  effects: ['machines', 'calendly', 'credentials', 'db', 'meetings', 'host-events'],
  jobs: ['machines', 'connection', 'effects', 'queues', 'db', 'logger', 'host-events'],
  retention: ['connection', 'credentials', 'db'],
  housekeeping: ['credentials', 'db', 'logger', 'retention', 'host-events'],
  metrics: ['connection', 'credentials', 'db', 'host-events'],
  'report-deliveries': ['deliveries', 'logger', 'metrics'],
  http: ['machines', 'connection', 'credentials', 'db', 'deliveries', 'errors', 'exchanges', 'host-events', 'meetings', 'metrics', 'paging'],
  inspector: ['machines', 'calendly', 'config', 'connection', 'credentials', 'db', 'deliveries', 'errors', 'exchanges', 'host-events', 'http',
    'meetings', 'paging', 'queues'],
  demo: ['connection', 'exchanges', 'http', 'meetings', 'sandbox', 'machines', 'errors', 'paging'],
};
const COMPOSITION = new Set(['app', 'plugin', 'service', 'start', 'main', 'checklist', 'inspect', 'docs']);

/** Narrower than the table: within these areas only these files are for others. */
const ONLY: Record<string, { from: string; files: string[] }[]> = {
  connection: [
    { from: 'credentials', files: ['consent-attempts', 'credentials', 'sealed-box'] },
    // The address of the consent page, which only this request may make; see docs/decisions/0013.
    { from: 'calendly', files: ['oauth'] },
  ],
};

const breaches = (breach: (file: SourceFile) => string[], among = ours) => among.flatMap((file) => breach(file).map((what) => `${file.path}: ${what}`));

describe('imports', () => {
  test('go in the one direction that the layout shows', () => {
    expect(breaches(({ path, imports }) => {
      const area = areaOf(path);
      if (COMPOSITION.has(area)) return [];
      const allowed = new Set([area, ...(MAY_IMPORT[area] ?? [])]);
      return imports.filter((to) => files.has(to) && !allowed.has(areaOf(to)));
    })).toEqual([]);
  });

  test('take from the credentials and from Calendly only what a connection may touch', () => {
    expect(breaches(({ path, imports }) => (ONLY[areaOf(path)] ?? []).flatMap(({ from, files: allowed }) => imports
      .filter((to) => files.has(to) && areaOf(to) === from && !allowed.includes(basename(to, '.ts')))))).toEqual([]);
  });

  test('never run in a circle, neither among files nor among areas', () => {
    const byFile = new Map(ours.map(({ path, imports }) => [path, imports.filter((to) => files.has(to))]));
    const byArea = new Map<string, string[]>();
    for (const [path, imports] of byFile) {
      const area = areaOf(path);
      byArea.set(area, [...(byArea.get(area) ?? []), ...imports.map(areaOf).filter((to) => to !== area)]);
    }
    expect(circleIn(byFile)).toBeNull();
    expect(circleIn(byArea)).toBeNull();
  });

  test('lead to files that exist', () => {
    expect(breaches(({ imports }) => imports.filter((to) => /^(src|machines|migrations)\//.test(to) && to.endsWith('.ts') && !files.has(to)))).toEqual([]);
  });

  test('of the table name areas that exist', () => {
    const areas = new Set(ours.map(({ path }) => areaOf(path)));
    expect(Object.keys(MAY_IMPORT).filter((area) => !areas.has(area))).toEqual([]);
    expect(Object.keys(LEAVES).filter((path) => !files.has(path))).toEqual([]);
  });

  test('of machines and migrations are of one library or two', () => {
    const packages = (folder: string) => new Set(ours.filter(({ path }) => path.startsWith(`${folder}/`))
      .flatMap(({ imports }) => imports.filter((to) => !files.has(to))));
    expect([...packages('machines')].filter((name) => !/^(xstate|typebox)(\/|$)/.test(name))).toEqual([]);
    expect([...packages('migrations')]).toEqual(['kysely']);
  });

  test('of the sealed box are Node\'s cryptography and its own error', () => {
    expect(files.get('src/credentials/sealed-box.ts')!.imports).toEqual(['node:crypto', 'src/credentials/sealed-box-error.ts']);
  });
});

/** The first circle found, as a path, or null. */
function circleIn(graph: Map<string, string[]>): string | null {
  const done = new Set<string>();
  const walk = (node: string, path: string[]): string | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(' → ');
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const circle = walk(next, [...path, node]);
      if (circle !== null) return circle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const circle = walk(node, []);
    if (circle !== null) return circle;
  }
  return null;
}

describe('code', () => {
  const uses = (pattern: RegExp, among: SourceFile[]) => breaches(({ code }) => [...code.matchAll(pattern)].map(([found]) => found), among);

  test('of the machines knows no clock, no chance, and starts nothing', () => {
    const pure = ours.filter(({ path }) => path.startsWith('machines/'));
    expect(uses(/\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandomUUID\b|\bcrypto\b|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\b/g, pure)).toEqual([]);
    expect(uses(/\bcreateActor\b|\binvoke\b|\bafter\s*:|\bfrom(?:Promise|Callback|Observable)\b|\bspawn\w*\b/g, pure)).toEqual([]);
    expect(uses(/\bcreateActor\b|\bfromPromise\b/g, ours)).toEqual([]);
  });

  test('reads the environment where a process begins, and nowhere else', () => {
    const readers = ours.filter(({ code }) => /\bprocess\.env\b|\benv\b[^'"]*from 'node:process'/.test(code)).map(({ path }) => path);
    expect(readers.filter((path) => !/^src\/(main|(sandbox|checklist|inspect|inspector|docs)\/main)\.ts$/.test(path))).toEqual([]);
    expect(readers).toContain('src/main.ts');
  });

  test('has no default exports', () => {
    // Vitest's global setup asks for one.
    expect(uses(/\bexport\s+default\b|\bas\s+default\b/g, [...ours, ...tests.filter(({ path }) => path !== 'test/support/test-postgres.ts')])).toEqual([]);
  });

  test('has no switch that is named after what it leaves out', () => {
    const ofLibraries = /skipAutogeneratedFileComment/;
    expect(uses(/\bskip[A-Z]\w*\??\s*[:=](?!=)/g, ours).filter((found) => !ofLibraries.test(found))).toEqual([]);
  });

  test('lets Fastify say what type an application is', () => {
    expect(uses(/\bas unknown as App\b/g, ours)).toEqual([]);
  });

  test('of the tests tests, with the real thing', () => {
    const itself = 'test/architecture.test.ts';
    const others = tests.filter(({ path }) => path !== itself);
    expect(uses(/\bvi\.(?:mock|doMock|spyOn|stubGlobal|useFakeTimers)\b/g, others)).toEqual([]);
    expect(uses(/\b(?:test|it|describe|suite)\.(?:skip|only|todo|fails|skipIf)\b|\bx(?:it|describe)\(/g, others)).toEqual([]);
  });
});

describe('files', () => {
  const generated = ['src/db/types.ts'];
  const all = [...ours, ...tests].filter(({ path }) => !generated.includes(path));

  test('are named in kebab-case, and not after nothing', () => {
    expect(all.filter(({ path }) => !path.split('/').every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config)?(?:\.ts)?$/.test(part) || /^\d{4}_[a-z0-9_]+\.ts$/.test(part)))
      .map(({ path }) => path)).toEqual([]);
    expect(all.filter(({ path }) => /(?:^|[/-])(?:utils?|helpers?|common|managers?|misc)(?=[/.-])/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('are short: none over 300 lines, half of them under 80', () => {
    expect(all.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
    for (const group of [ours, tests].map((each) => each.filter(({ path }) => !generated.includes(path)))) {
      const sorted = group.map(({ lines }) => lines).sort((a, b) => a - b);
      expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(80);
    }
  });
});
