import { testSicknesses } from './sick-while-at-work.ts';

testSicknesses('refusing database', [
  "another session holds the tenant's row",
  'it restarts',
  'it refuses the login',
  'it is read-only after a failover',
]);
