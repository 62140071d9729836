import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/test-postgres.ts'],
    setupFiles: ['test/support/closed-network.ts', 'test/support/kept-databases.ts', 'test/support/leaked-handles.ts'],
    pool: 'forks',
    maxWorkers: '100%', // by default one core is left idle; these tests mostly wait for PostgreSQL
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
