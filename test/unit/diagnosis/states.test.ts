import { expect, test } from 'vitest';
import { connectionMachine } from '../../../machines/connection/index.ts';
import { diagnose } from '../../../src/diagnosis/diagnose.ts';
import { restingStatesOf } from '../../model/transitions-of.ts';
import { factsOf } from './facts-of.ts';

test('every nested state has something of its own to say', () => {
  const places = restingStatesOf(connectionMachine);
  const codes = places.map((place) => [place, diagnose(factsOf({ place })).code]);
  expect(codes.filter(([place, code]) => code === 'well' && place !== 'connected.webhooks')).toEqual([]);
  expect(codes.filter(([, code]) => code === 'well')).toHaveLength(1);
});
