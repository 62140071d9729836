import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SECRET_NAMES, Settings } from '../../src/config/settings.ts';
import { PROJECT } from '../support/guards/source-files.ts';

const DOCS = join(PROJECT, 'docs');
const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(DOCS, name))
  .concat(existsSync(join(PROJECT, 'README.md')) ? [join(PROJECT, 'README.md')] : [])
  .sort();
const read = (path: string) => readFileSync(path, 'utf8');
const named = (path: string) => relative(PROJECT, path);

/** As a browser on GitHub makes it of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
const anchorsOf = (path: string) => [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map((match) => anchor(match[1]!));

describe('links and files', () => {
  test('every link of the documents leads somewhere', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)]
        .filter(([, path, hash]) => {
          const target = path === '' ? page : join(dirname(page), path!);
          return !existsSync(target) || (hash !== undefined && !anchorsOf(target).includes(hash));
        })
        .map(([link]) => `${named(page)}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test('every file that the documents name in code is there', () => {
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:src|machines|migrations|test|docs)\/[\w./-]+)`/g)]
        .map((match) => match[1]!)
        .filter((path) => !existsSync(join(PROJECT, path)))
        .map((path) => `${named(page)}: ${path}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('decisions', () => {
  test('every decision says what was decided, what was rejected and what follows', () => {
    const decisions = pages.filter((page) => dirname(page) === join(DOCS, 'decisions'));
    expect(decisions.length).toBeGreaterThan(10);
    for (const page of decisions) {
      expect(named(page)).toMatch(/\/\d{4}-[a-z0-9-]+\.md$/);
      const text = read(page);
      expect(text, named(page)).toMatch(new RegExp(`^# ${Number(/\/(\d{4})-/.exec(page)![1])}\\. .+\n`));
      for (const heading of ['Decision', 'Rejected', 'Consequences'])
        expect(text, named(page)).toMatch(new RegExp(`^## ${heading}\n\n\\S`, 'm'));
    }
    const numbers = decisions.map((page) => /\/(\d{4})-/.exec(page)![1]);
    expect(numbers).toEqual([...new Set(numbers)]);
  });
});

describe('metrics and settings', () => {
  test('operations explain every metric of ours, and no other', () => {
    const metrics = [...read(join(PROJECT, 'src/metrics/create-metrics.ts')).matchAll(/'(calendly_\w+)'/g)].map(
      (match) => match[1],
    );
    const explained = [...read(join(DOCS, 'operations.md')).matchAll(/^\| `(calendly_\w+)/gm)].map((match) => match[1]);
    expect(explained.sort()).toEqual(metrics.sort());
  });

  test('settings that the documents name exist', () => {
    // The last one is read by `npm run test:witnesses` alone.
    const known = new Set([...Object.keys(Settings.properties), 'CALENDLY_OPENAPI']);
    const mentioned = pages.flatMap((page) =>
      [
        ...read(page).matchAll(
          /`((?:CALENDLY|RETENTION|ENCRYPTION|API|INSPECTOR|ADOPT|RETURN|BACKFILL|POLLING|WATCH|REFRESH|EVENTS)_[A-Z_]+)(?:=[^`]*)?`/g,
        ),
      ]
        .map((match) => match[1]!)
        .filter((name) => !known.has(name) && !(SECRET_NAMES as string[]).includes(name.replace(/_FILE$/, '')))
        .map((name) => `${named(page)}: ${name}`),
    );
    expect(mentioned).toEqual([]);
  });
});

describe('the wording', () => {
  test('no document says how it came to be', () => {
    expect(
      pages.filter((page) => /\/work\/|\bsession \d|\bsub-?agent|\bas an AI\b/i.test(read(page))).map(named),
    ).toEqual([]);
  });
});
