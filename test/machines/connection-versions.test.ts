import { describe, expect, test } from 'vitest';
import { connectionMachine, MACHINE_VERSION, upcast, upcasts } from '../../machines/connection/index.ts';
import { fromStored, statePath } from '../../src/connection/dispatch/snapshot.ts';
import { makeSnapshotFixtures, readSnapshotFixtures, type SnapshotFixture } from '../model/snapshot-fixtures.ts';
import { restingStatesOf } from '../model/transitions-of.ts';
import { wayToRest } from '../model/world/way-to-rest.ts';
import { startModelWorld, type ModelWorld } from '../model/world/world.ts';

const fixtures = readSnapshotFixtures();

describe('snapshots of every version so far', () => {
  test('there is a step from every version to the next, and fixtures of each', () => {
    const versions = Array.from({ length: MACHINE_VERSION }, (_, index) => index + 1);
    expect(Object.keys(upcasts).map(Number)).toEqual(versions.slice(0, -1));
    expect([...new Set(fixtures.map((fixture) => fixture.machineVersion))]).toEqual(versions);
  });

  test('this version has one for every state', () => {
    const present = fixtures
      .filter(({ machineVersion }) => machineVersion === MACHINE_VERSION)
      .map(({ state }) => state);
    expect(present.sort()).toEqual(restingStatesOf(connectionMachine).sort());
  });

  // Once a version is released, a change of what is stored asks for the next version; until then for `npm run generate:snapshots`.
  test('what this version stores is what its fixtures say', () => {
    const present = fixtures.filter(({ machineVersion }) => machineVersion === MACHINE_VERSION);
    expect(present).toEqual(
      JSON.parse(JSON.stringify(makeSnapshotFixtures().sort((a, b) => (a.state < b.state ? -1 : 1)))),
    );
  });

  for (const fixture of fixtures) {
    const { machineVersion, state, snapshot } = fixture;
    test(`version ${machineVersion}, ${state}: is restored whole, and goes on to rest`, () => {
      const restored = fromStored(snapshot, machineVersion);
      if (machineVersion === MACHINE_VERSION) expect(statePath(restored.value)).toBe(state);
      const today = startModelWorld().position.snapshot.context;
      expect(Object.keys(restored.context).sort()).toEqual(Object.keys(today).sort());
      const rest = wayToRest(worldOf(fixture));
      expect(rest).toMatchObject({ words: expect.any(Array) });
    });

    test(`version ${machineVersion}, ${state}: a machine without that state refuses it`, () => {
      const renamed = JSON.parse(JSON.stringify(snapshot).replace(`"${state.split('.').at(-1)}"`, '"renamed"'));
      expect(renamed).not.toEqual(snapshot);
      expect(() => fromStored(renamed, machineVersion)).toThrow(/renamed/);
    });
  }
});

describe('upcast', () => {
  const steps = {
    1: (snapshot: object) => ({ ...snapshot, value: { connected: 'listening' } }),
    2: (snapshot: object) => ({ ...snapshot, since: 3 }),
  };

  test('goes every step from the stored version to this one', () => {
    expect(upcast({ value: { connected: 'webhooks' } }, 1, { steps, to: 3 })).toEqual({
      value: { connected: 'listening' },
      since: 3,
    });
    expect(upcast({ value: { connected: 'listening' } }, 2, { steps, to: 3 })).toEqual({
      value: { connected: 'listening' },
      since: 3,
    });
    expect(upcast({ value: 'as it is' }, 3, { steps, to: 3 })).toEqual({ value: 'as it is' });
  });

  test('refuses a version without a step, and one of a newer machine', () => {
    expect(() => upcast({}, 0, { steps, to: 3 })).toThrow('machine version 0 has no way to version 3');
    expect(() => upcast({}, 4, { steps, to: 3 })).toThrow('machine version 4 has no way to version 3');
    expect(() => fromStored({}, MACHINE_VERSION + 1)).toThrow('no way');
  });
});

function worldOf({
  snapshot,
  machineVersion,
  timers,
  effects,
  grants,
  subscriptions,
  now,
}: SnapshotFixture): ModelWorld {
  const restored = fromStored(snapshot, machineVersion);
  return {
    position: { snapshot: restored, timers: new Map(timers) },
    pending: effects.map((effect) => ({ effect, asked: restored.context })),
    truth: { grants: new Map(grants), subscriptions: new Map(subscriptions) },
    now,
    events: [],
  };
}
