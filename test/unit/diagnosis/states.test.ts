import { expect, test } from 'vitest';
import { connectionMachine } from '../../../machines/connection/index.ts';
import { diagnose } from '../../../src/diagnosis/diagnose.ts';
import { factsOf } from './facts-of.ts';

interface Node {
  path: string[];
  states: Record<string, Node>;
}
const leaves = (node: Node): string[] =>
  Object.keys(node.states).length === 0 ? [node.path.join('.')] : Object.values(node.states).flatMap(leaves);
/** Passed through at once: no tenant is ever found there. */
const PASSED_THROUGH = ['authorizing.returning'];

test('every nested state has something of its own to say', () => {
  const places = leaves(connectionMachine.root as unknown as Node).filter((place) => !PASSED_THROUGH.includes(place));
  const codes = places.map((place) => [place, diagnose(factsOf({ place })).code]);
  expect(codes.filter(([place, code]) => code === 'well' && place !== 'connected.webhooks')).toEqual([]);
  expect(codes.filter(([, code]) => code === 'well')).toHaveLength(1);
});
