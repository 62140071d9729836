import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { statePath } from '../../src/connection/dispatch/snapshot.ts';
import { connectionDocument, DOCUMENT_URL } from '../model/document/connection-document.ts';
import { explore } from '../model/explore.ts';
import { brokenRules } from '../model/invariants.ts';
import { pathWalker } from '../model/paths.ts';
import { goWords, simplePaths } from '../model/simple-paths.ts';

const explored = explore();
const { paths, coverage } = explored;
const lastStep = pathWalker();

describe('what the paths cover', () => {
  test('every transition of the machine is taken', () => {
    const { all, missing } = coverage.transitions;
    console.log(`${all.length - missing.length} of ${all.length} transitions are taken, on ${paths.length} paths`);
    expect(coverage.transitions.missing).toEqual([]);
    expect(coverage.transitions.all.length).toBeGreaterThan(100);
  });

  test('every guard says yes on one path and no on another', () => {
    expect(coverage.guards.missing).toEqual([]);
  });

  test('every state is reached', () => {
    expect(coverage.states.missing).toEqual([]);
  });

  test('the deadline of every waiting state passes', () => {
    expect(coverage.deadlines.missing).toEqual([]);
    expect(coverage.deadlines.all.length).toBeGreaterThan(5);
  });
});

test('docs/connection-machine.md is what `npm run generate:docs` makes of this machine', () => {
  expect(readFileSync(DOCUMENT_URL, 'utf8')).toBe(connectionDocument(explored));
});

describe('on every shortest path the rules hold after', () => {
  for (const { sentence, events, last } of paths) {
    test(sentence, () => {
      const step = lastStep(events);
      expect(brokenRules(step)).toEqual([]);
      expect(statePath(step.after.snapshot.value)).toBe(last.to);
    });
  }
});

describe('on every simple path the rules hold at each step of', () => {
  for (const words of simplePaths()) {
    test(words.join(' → '), () => {
      const steps = goWords(words);
      expect(steps.flatMap((step) => brokenRules(step))).toEqual([]);
      expect(
        steps.every(({ before, after }) => before.snapshot !== after.snapshot),
        'every word is taken',
      ).toBe(true);
    });
  }
});
