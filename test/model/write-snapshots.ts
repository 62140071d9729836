import { writeSnapshotFixtures } from './snapshot-fixtures.ts';

// `npm run generate:snapshots`: fixtures of the present version, before it is released or when the next one begins.
writeSnapshotFixtures();
