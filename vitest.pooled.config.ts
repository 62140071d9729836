import { defineConfig } from 'vitest/config';

/** `npm run test:pooled`: through PgBouncer, which has to be installed. */
export default defineConfig({
  test: {
    include: ['test/pooled/**/*.test.ts'],
    globalSetup: ['test/support/postgres/test-postgres.ts'],
    setupFiles: ['test/support/postgres/kept-databases.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
