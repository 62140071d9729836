import { beforeAll, describe, expect, test } from 'vitest';
import { uuidOf } from '../model/moment.ts';
import { HOUR, MINUTE } from '../model/events/payloads.ts';
import { makeSnapshotFixtures } from '../model/snapshot-fixtures.ts';
import { BACK_WITHIN_MINUTES, budgetOf, budgets, exceeded, REFRESHES_SPREAD } from '../model/virtual-time/budgets.ts';
import { Life, type Costs } from '../model/virtual-time/life.ts';
import { saidByAWellCalendly, saidByCalendly, type SaidByCalendly } from '../model/virtual-time/said-by-calendly.ts';
import { failingAt, PLACES, waysOfFailing } from '../model/virtual-time/ways-of-failing.ts';
import { tell } from '../model/world/tell.ts';

const DAY = 24 * HOUR;
/** For the states that all others come to on their first day; `npm run test:month` takes 30. */
const DAYS = Number(process.env['VIRTUAL_DAYS'] ?? 3);
const LASTING = new Set(['connected.webhooks', 'connected.polling', 'error.retrying', 'disconnected.settling']);
const TIMEOUT = 600_000;

/** Every state that a connection can be left in, by the story that leads there. */
const beginnings = makeSnapshotFixtures().map(({ story, state }) => ({ story, state, world: tell(story) }));
const failures = Object.entries(waysOfFailing).flatMap(([name, way]) =>
  PLACES.flatMap((place) => {
    const failing = failingAt(way, place);
    return failing === null ? [] : [{ failure: `${name}, at ${place}`, failing }];
  }),
);

const said = new Map<string, SaidByCalendly>();
beforeAll(async () => {
  for (const { failure, failing } of failures) said.set(failure, await saidByCalendly(failing));
});

const isBack = ({ state }: Life): boolean => /^(connected\.|disconnected\.idle$)/.test(state);
const isBackWithoutAnything = (life: Life): boolean => isBack(life) && life.open === 0;

/** A grant that Calendly took back, and what only a person can settle, names who has to do something. */
const needsPerson = (life: Life): boolean => life.state.startsWith('error.needs') && !life.hasGoodGrant;

const mostOf = (costs: Costs[]): Costs =>
  costs.reduce(
    (most, day) => ({
      oauthCalls: Math.max(most.oauthCalls, day.oauthCalls),
      apiCalls: Math.max(most.apiCalls, day.apiCalls),
      historyRows: Math.max(most.historyRows, day.historyRows),
      effectRuns: Math.max(most.effectRuns, day.effectRuns),
    }),
    { oauthCalls: 0, apiCalls: 0, historyRows: 0, effectRuns: 0 },
  );

/** Gives how long it took, or throws. */
function comeBack(life: Life, withinMinutes: number): number {
  const since = life.now;
  life.calendlySays(saidByAWellCalendly);
  life.live(since + withinMinutes * MINUTE, () => isBack(life) || needsPerson(life));
  if (!isBack(life) && !needsPerson(life)) throw new Error(`Still ${life.state} after ${withinMinutes} minutes`);
  return life.now - since;
}

describe('a Calendly that is well', () => {
  test.each(beginnings)('$state costs a day what a connection costs, and no more', ({ state, world }) => {
    const life = new Life(world, state);
    life.live(life.now + 2 * DAY);
    expect(isBack(life) || needsPerson(life), life.state).toBe(true);
    expect(
      exceeded(mostOf(life.costs), life.context.delivery === 'polling' ? budgets.polling : budgets.connected),
    ).toEqual([]);
  });
});

/** Lives through so many days of a failure, and what follows when it is over; gives what breaks a budget or lasts too long. */
function liveThrough({ state, world }: (typeof beginnings)[number], failure: string, days: number): string[] {
  const life = new Life(world, `${state} ${failure}`);
  life.calendlySays(said.get(failure)!);
  try {
    life.live(life.now + days * DAY);
    const isPolling = life.context.delivery === 'polling' || state === 'connected.polling';
    const debts = Math.max(world.position.snapshot.context.debts.length, life.context.debts.length);
    const budget = budgetOf(isPolling ? budgets.failingWhilePolling : budgets.failing, debts);
    const broken = exceeded(mostOf(life.costs), budget).map((each) => `${state} → ${life.state}: ${each}`);
    comeBack(life, BACK_WITHIN_MINUTES.anyFailure);
    return broken;
  } catch (error) {
    return [`${state} → ${life.state}: ${(error as Error).message}`];
  }
}

describe('a day in which Calendly answers', () => {
  test.each(failures)(
    '$failure: every state keeps its budget, and is back by itself',
    { timeout: TIMEOUT },
    ({ failure }) => {
      expect(beginnings.flatMap((beginning) => liveThrough(beginning, failure, 1))).toEqual([]);
    },
  );
});

describe(`${DAYS} days in which Calendly answers`, () => {
  test.each(failures)(
    '$failure: every lasting state keeps its budget, and is back by itself',
    { timeout: TIMEOUT },
    ({ failure }) => {
      const lasting = beginnings.filter(({ state }) => LASTING.has(state));
      expect(lasting.flatMap((beginning) => liveThrough(beginning, failure, DAYS))).toEqual([]);
    },
  );
});

/** What goes on just when Calendly begins to fail: nothing, each thing that is planned, and what a person may ask for. */
function occasionsOf(story: string): { says: string; begin(life: Life): void }[] {
  const {
    position: { timers },
  } = tell(story);
  return [
    { says: 'nothing', begin: () => {} },
    ...[...timers.keys()].map((timer) => ({ says: `timer ${timer}`, begin: (life: Life) => life.makeDue(timer) })),
    {
      says: 'connect',
      begin: (life) =>
        life.tell({
          type: 'connect',
          switchAccount: false,
          attemptId: uuidOf('attempt', story),
          recentMs: 0,
          attemptExpiresAt: new Date(life.now + 30 * MINUTE).toISOString(),
        }),
    },
    ...(['refresh', 'resync'] as const).map((type) => ({ says: type, begin: (life: Life) => life.tell({ type }) })),
  ];
}

describe('5 minutes in which Calendly answers', () => {
  const waitsForPerson = /^authorizing\.(awaitingConsent|confirmingAccount)$/;

  test.each(failures)(
    '$failure: whatever was going on, the tenant is back soon',
    { timeout: TIMEOUT },
    ({ failure }) => {
      const broken: string[] = [];
      for (const { story, state, world } of beginnings) {
        for (const { says, begin } of occasionsOf(story)) {
          const life = new Life(world, `${state} ${says} ${failure}`);
          life.calendlySays(said.get(failure)!);
          begin(life);
          try {
            life.live(life.now + 5 * MINUTE);
            if (waitsForPerson.test(life.state)) continue;
            comeBack(life, BACK_WITHIN_MINUTES.failureOfFiveMinutes);
          } catch (error) {
            broken.push(`${state}, ${says}: ${(error as Error).message}`);
          }
        }
      }
      expect(broken).toEqual([]);
    },
  );

  test.each(failures.filter(({ failure }) => failure.endsWith('OAuth') && !failure.startsWith('invalid_grant')))(
    '$failure: a routine refresh costs a connected tenant nothing',
    ({ failure }) => {
      for (const state of ['connected.webhooks', 'connected.polling']) {
        const life = new Life(beginnings.find((each) => each.state === state)!.world, failure);
        life.live(
          life.now + 90 * MINUTE,
          () => life.open === 0 && (life.position.timers.get('refresh')?.dueAt ?? 0) < life.now + MINUTE,
        );
        life.calendlySays(said.get(failure)!);
        life.makeDue('refresh');
        const seen = new Set<string>();
        life.live(life.now + 5 * MINUTE, () => {
          seen.add(life.state);
          return false;
        });
        life.calendlySays(saidByAWellCalendly);
        life.live(life.now + 20 * MINUTE, () => {
          seen.add(life.state);
          return false;
        });
        expect(
          [...seen].filter((each) => each.startsWith('error.')),
          state,
        ).toEqual([]);
      }
    },
  );
});

describe('200 tenants', () => {
  const tenants = (name: string): Life[] => {
    const { world } = beginnings.find(({ state }) => state === 'connected.webhooks')!;
    return Array.from({ length: 200 }, (_, at) => new Life(world, `${name} ${at}`));
  };
  const spreadOf = (times: number[]): { minutes: number; mostInAMinute: number } => {
    const byMinute = Map.groupBy(times, (at) => Math.floor(at / MINUTE));
    const most = Math.max(...[...byMinute.values()].map((each) => each.length));
    return { minutes: (Math.max(...times) - Math.min(...times)) / MINUTE, mostInAMinute: most / times.length };
  };

  test('who were refreshed at the same instant are not refreshed together again', () => {
    const next = tenants('together').map((life) => {
      life.tell({ type: 'refresh' });
      life.live(life.now + 3 * HOUR, () => life.refreshedAt.length === 2);
      return life.refreshedAt[1]!;
    });
    const { minutes, mostInAMinute } = spreadOf(next);
    expect(minutes).toBeGreaterThan(REFRESHES_SPREAD.minutes);
    expect(mostInAMinute).toBeLessThan(REFRESHES_SPREAD.mostInAMinute);
  });

  test.each(failures.filter(({ failure }) => /^(503, at both|no answer, at OAuth|401.*, at OAuth)$/.test(failure)))(
    'do not come back in one wave after half a day of $failure',
    { timeout: TIMEOUT },
    ({ failure }) => {
      const back = tenants(failure).map((life) => {
        life.calendlySays(said.get(failure)!);
        life.live(life.now + DAY / 2);
        life.calendlySays(saidByAWellCalendly);
        life.live(life.now + 2 * HOUR, () => isBackWithoutAnything(life));
        return life.now;
      });
      expect(spreadOf(back).mostInAMinute).toBeLessThan(REFRESHES_SPREAD.mostInAMinute);
    },
  );
});
