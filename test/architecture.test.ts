import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT, sourceFiles, type SourceFile } from './support/guards/source-files.ts';

const ours = sourceFiles('machines', 'migrations', 'src');
const files = new Map(ours.map((file) => [file.path, file]));

/** `area: other other`, a line each; what is indented further goes on with the line before, and `#` begins a remark. */
function tableOf(text: string): Record<string, string[]> {
  const lines = text
    .replace(/#.*$/gm, '')
    .replace(/\n {4}/g, ' ')
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(/:? +|:$/)
        .filter(Boolean),
    );
  return Object.fromEntries(lines.filter(([area]) => area !== undefined).map(([area, ...others]) => [area!, others]));
}

/** `connection/dispatch`, `config`, `machines`: the folder below src/ (for connection the one below that), or a file that lies there alone. */
function areaOf(path: string): string {
  const [top, second, third] = path.split('/');
  if (top !== 'src') return top!;
  return second === 'connection' ? `${second}/${third!}` : second!.replace(/\.ts$/, '');
}

/**
 * Who may import whom, from the ground up. An area names what it imports, only from lines above its own, and nothing that it does
 * not use. So the table cannot have a circle, and a permission cannot outlive its reason.
 */
const MAY_IMPORT = tableOf(`
  # The ground: they know nobody.
  machines:
  migrations:
  sandbox:
  tracing:
  calendly: tracing
  config:
  db:
  errors:
  html:
  logger:
  paging: errors
  jobs: db logger
  metrics:
  diagnosis: machines
  # Asks the real Calendly, beside the service.
  probe: calendly sandbox
  # Who may do what.
  access: config db errors paging
  # What is kept, and what it is worth.
  exchanges: calendly db logger paging
  meetings: db errors paging
  invitees: db meetings paging
  grants: machines calendly db
  # What holds for one tenant.
  tenant-settings: machines config db
  subscriptions: calendly db grants tenant-settings
  host-events: machines db errors logger meetings paging tracing
  deliveries: calendly db grants host-events meetings paging tracing
  backfill: machines calendly db grants host-events meetings
  events: host-events meetings
  client:
  # The use cases: dispatch ← reads ← commands, never back.
  connection/dispatch: machines db errors grants host-events jobs tracing
  connection/reads: machines connection/dispatch db deliveries diagnosis errors exchanges grants host-events jobs
    paging tenant-settings
  connection/commands: machines calendly connection/dispatch connection/reads db errors grants invitees
    tenant-settings
  connection/compare: calendly connection/commands connection/dispatch db errors grants
  # What happens by itself.
  effects: machines backfill calendly grants subscriptions tenant-settings
  workers: machines connection/dispatch db effects grants logger jobs tracing
  upkeep: machines connection/dispatch db grants workers logger jobs
  # The adapters, side by side.
  web: machines db errors grants html
  http: machines access config connection/commands connection/reads db deliveries errors exchanges host-events invitees html meetings metrics paging
    web
  inspector: access machines backfill calendly config connection/commands connection/compare connection/dispatch
    connection/reads db deliveries errors exchanges host-events html meetings paging web
  demo: connection/reads errors exchanges html meetings sandbox web
  cli: config connection/reads db errors html
`);
/** What puts it all together may import anything, and only these may import that. */
const COMPOSITION = ['boot', 'main', 'index', 'plugin', 'checklist', 'program'];
const ADAPTERS = ['http', 'inspector', 'demo', 'cli'];

/** Narrower than the table: from these areas only these files are for that one. */
const ONLY: Record<string, { from: string; files: string[] }[]> = {
  'connection/dispatch': [{ from: 'grants', files: ['consent-attempts', 'credentials', 'imports', 'sealed-box'] }],
  // How long an unanswered refresh may still be answered.
  'connection/reads': [{ from: 'grants', files: ['refresh-intents'] }],
  'connection/commands': [
    { from: 'grants', files: ['consent-attempts', 'client-of-grant', 'hand-over', 'imports', 'read-current-token'] },
    // The address of the consent page, which only the request may know that makes the attempt. No call is made.
    { from: 'calendly', files: ['client', 'oauth'] },
  ],
};

const importsOf = (path: string) => files.get(path)!.imports.filter((to) => files.has(to));
const breaches = (breach: (file: SourceFile) => string[], among = ours) =>
  among.flatMap((file) => breach(file).map((what) => `${file.path}: ${what}`));
/** Every import from one area into another, as `file → file`. */
const arrows = ours.flatMap(({ path }) =>
  importsOf(path)
    .filter((to) => areaOf(to) !== areaOf(path))
    .map((to) => ({ path, to })),
);

describe('imports', () => {
  test('go in the one direction that the layout shows', () => {
    const wrong = arrows
      .filter(({ path, to }) => !COMPOSITION.includes(areaOf(path)) && !MAY_IMPORT[areaOf(path)]?.includes(areaOf(to)))
      .map(({ path, to }) => `${path} → ${to}`);
    expect([...new Set(wrong)].sort()).toEqual([]);
  });

  test('never lead up: an area names only what stands above it in the table', () => {
    const areas = Object.keys(MAY_IMPORT);
    expect(
      areas.flatMap((area, at) =>
        MAY_IMPORT[area]!.filter((named) => !areas.slice(0, at).includes(named)).map(
          (named) => `${area} names ${named}`,
        ),
      ),
    ).toEqual([]);
  });

  test('use every permission, and every area is in the table', () => {
    const used = new Set(arrows.map(({ path, to }) => `${areaOf(path)} → ${areaOf(to)}`));
    const given = Object.entries(MAY_IMPORT).flatMap(([area, named]) => named.map((other) => `${area} → ${other}`));
    expect(given.filter((permission) => !used.has(permission))).toEqual([]);
    const areas = new Set(ours.map(({ path }) => areaOf(path)));
    expect([...areas].filter((area) => !(area in MAY_IMPORT) && !COMPOSITION.includes(area))).toEqual([]);
    expect([...Object.keys(MAY_IMPORT), ...COMPOSITION].filter((area) => !areas.has(area))).toEqual([]);
  });

  test("of composition are composition's alone, and adapters do not know each other", () => {
    expect(
      arrows.filter(({ path, to }) => COMPOSITION.includes(areaOf(to)) && !COMPOSITION.includes(areaOf(path))),
    ).toEqual([]);
    expect(ADAPTERS.flatMap((area) => MAY_IMPORT[area]!.filter((named) => ADAPTERS.includes(named)))).toEqual([]);
  });

  test('take from the grants and from Calendly only what a connection may touch', () => {
    const taken = Object.entries(ONLY).flatMap(([area, rules]) =>
      rules.flatMap(({ from, files: allowed }) => {
        const used = arrows
          .filter(({ path, to }) => areaOf(path) === area && areaOf(to) === from)
          .map(({ to }) => basename(to, '.ts'));
        return [
          ...used.filter((name) => !allowed.includes(name)),
          ...allowed.filter((name) => !used.includes(name)).map((name) => `unused: ${name}`),
        ].map((name) => `${area} → ${from}/${name}`);
      }),
    );
    expect(taken).toEqual([]);
  });

  test('never run in a circle among files', () => {
    expect(circleIn(new Map(ours.map(({ path }) => [path, importsOf(path)])))).toBeNull();
  });

  test('lead to files that exist', () => {
    expect(
      breaches(({ imports }) =>
        imports.filter((to) => /^(src|machines|migrations)\//.test(to) && to.endsWith('.ts') && !files.has(to)),
      ),
    ).toEqual([]);
  });

  test('of machines and migrations are of one library or two', () => {
    const packages = (folder: string) =>
      new Set(
        ours
          .filter(({ path }) => path.startsWith(`${folder}/`))
          .flatMap(({ imports }) => imports.filter((to) => !files.has(to))),
      );
    expect([...packages('machines')].filter((name) => !/^(xstate|typebox)(\/|$)/.test(name))).toEqual([]);
    expect([...packages('migrations')]).toEqual(['kysely']);
  });

  test("of the sealed box are Node's cryptography alone", () => {
    expect(files.get('src/grants/sealed-box.ts')!.imports).toEqual(['node:crypto']);
  });
});

describe('the paths in docs/architecture.md', () => {
  const document = readFileSync(join(PROJECT, 'docs/architecture.md'), 'utf8');
  const section = /\n## Four paths through the code\n(.*?)\n## /s.exec(document)![1]! + '\n';
  /** Of each way its stretches between two `⇢`, each a list of files that call one another. */
  const ways = [...section.matchAll(/\*\*([^*]+)\*\*[^\n]*\n\n(.+?)\n\n/gs)].map(([, name, way]) => ({
    name: name!,
    stretches: way!
      .split('⇢')
      .map((stretch) => [...stretch.matchAll(/`([^`]+\.ts)`/g)].map(([, path]) => path!))
      .filter((stretch) => stretch.length > 0),
  }));

  test.each(ways)('$name goes straight down', ({ stretches }) => {
    const untrue = stretches.flatMap((stretch) =>
      stretch
        .slice(1)
        .map((to, at) => ({ from: stretch[at]!, to }))
        .filter(({ from, to }) => !files.get(from)?.imports.includes(to))
        .map(({ from, to }) => `${from} does not call ${to}`),
    );
    expect(untrue).toEqual([]);
    expect(stretches.flat().length).toBeGreaterThan(4);
  });

  test('are the four', () => {
    expect(ways).toHaveLength(4);
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
