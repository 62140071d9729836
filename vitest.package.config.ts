import { defineConfig } from 'vitest/config';

/** `npm run test:package`: the package as a stranger installs it. Packs and installs, hence a suite of its own. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['test/support/postgres/test-postgres.ts', 'test/package/pack.ts'],
    setupFiles: ['test/support/postgres/kept-databases.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
