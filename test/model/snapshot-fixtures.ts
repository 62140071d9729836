import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { MACHINE_VERSION, type Effect } from '../../machines/connection/index.ts';
import { statePath, toStored, type StoredSnapshot } from '../../src/connection/dispatch/snapshot.ts';
import type { PendingTimers } from './take-step.ts';
import { tell } from './world/tell.ts';

const FOLDER = new URL('../fixtures/snapshots/', import.meta.url);

const CONSENT = 'connect → consent granted → token issued → account identified';
const CONNECTED = `${CONSENT} → listing shows what is there → subscription created → back-fill completed`;
const DISABLED = `${CONNECTED} → resync → listing shows what is there, disabled`;

/** A story that ends in each state: a new state needs one here, and its file by `npm run generate:snapshots`. */
const STORIES: string[] = [
  '',
  'connect',
  'connect → consent granted',
  'connect → consent granted → token issued',
  CONSENT,
  `${CONSENT} → listing shows what is there`,
  `${CONSENT} → plan without webhooks`,
  `${CONSENT} → Calendly unavailable`,
  `${CONSENT} → scope missing`,
  `${CONSENT} → request refused (400)`,
  CONNECTED,
  `${DISABLED} → subscription conflicted (409) → listing shows what is there, disabled`,
  `${DISABLED} → subscription created`,
  `${CONNECTED} → connect`,
  `${CONNECTED} → refresh`,
  `${CONNECTED} → refresh → refresh rejected`,
  `${CONNECTED} → refresh → refresh rejected → connect → consent granted → token issued → another account identified`,
  `${CONNECTED} → disconnect`,
  'import',
  'import without a good access token',
  'import → Calendly unavailable',
];

/** A connection as a machine of some version left it in the store, with what was under way around it. */
export interface SnapshotFixture {
  machineVersion: number;
  story: string;
  state: string;
  snapshot: StoredSnapshot;
  timers: [string, PendingTimers extends ReadonlyMap<string, infer Timer> ? Timer : never][];
  effects: Effect[];
  /** What exists at Calendly: ids with their accounts. */
  grants: [string, string | null][];
  subscriptions: [string, string | null][];
  now: number;
}

/** Every fixture of every version, oldest first. */
export function readSnapshotFixtures(): SnapshotFixture[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((version) =>
      readdirSync(new URL(`${version}/`, FOLDER))
        .sort()
        .map((file) => JSON.parse(readFileSync(new URL(`${version}/${file}`, FOLDER), 'utf8')) as SnapshotFixture),
    );
}

/** The fixtures of this version, made anew. Those of earlier versions are what was stored then, and are never made again. */
export function makeSnapshotFixtures(): SnapshotFixture[] {
  return STORIES.map((story) => {
    const {
      position: { snapshot, timers },
      pending,
      truth,
      now,
    } = tell(story);
    return {
      machineVersion: MACHINE_VERSION,
      story,
      state: statePath(snapshot.value),
      snapshot: toStored(snapshot),
      timers: [...timers],
      effects: pending.map(({ effect }) => effect),
      grants: [...truth.grants],
      subscriptions: [...truth.subscriptions],
      now,
    };
  });
}

export function writeSnapshotFixtures(): void {
  const folder = new URL(`v${MACHINE_VERSION}/`, FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const fixture of makeSnapshotFixtures()) {
    writeFileSync(new URL(`${fixture.state}.json`, folder), `${JSON.stringify(fixture, null, 2)}\n`);
  }
}
